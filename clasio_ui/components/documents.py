"""A document as people meet it in lists: its mark, its stage, its row."""

from typing import Any

import reflex as rx

from clasio_ui.components.basics import badge, icon
from clasio_ui.components.browser import Check, Link, Size, Thumb, When
from clasio_ui.components.screens import bone, loading

_SYMBOLS = {
    "file-text": (
        "application/pdf",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "application/vnd.oasis.opendocument.text",
        "application/rtf",
        "text/plain",
        "text/markdown",
    ),
    "file-spreadsheet": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "text/csv"),
    "presentation": ("application/vnd.openxmlformats-officedocument.presentationml.presentation",),
    "mail": ("message/rfc822",),
    "file-code": ("text/html",),
    "image": ("image/png", "image/jpeg", "image/webp", "image/tiff"),
}
SKELETON_ROWS = 8


def tile(mime_type: rx.Var[str]) -> rx.Component:
    """The mark of a format."""
    cases = [(*mime_types, icon(symbol)) for symbol, mime_types in _SYMBOLS.items()]
    return rx.el.span(rx.match(mime_type, *cases, icon("file")), class_name="tile", aria_hidden="true")


def thumbnail(item: Any, *, is_large: bool = False) -> rx.Component:
    """The first page, or the mark of the format where there is no picture."""
    return Thumb.create(tile(item.mime_type), url=item.picture, is_large=is_large)


def stage_badge(item: Any) -> rx.Component:
    """How far a document came; what went wrong is on hover and on its page."""
    return rx.match(
        item.outcome,
        (
            "pending",
            rx.cond(
                item.error != "",
                badge("Waiting", symbol="clock", tone="warn", title=item.error),
                badge(item.stage_label, symbol="loader", title="Work goes on"),
            ),
        ),
        ("failed", badge(item.outcome_label, symbol="circle-x", tone="bad", title=item.error)),
        ("infected", badge(item.outcome_label, symbol="shield-alert", tone="bad", title=item.error)),
        ("unreadable", badge(item.outcome_label, symbol="triangle-alert", tone="warn", title=item.error)),
        ("skipped", badge(item.outcome_label, symbol="circle-minus", tone="plain", title=item.error)),
        badge(item.stage_label, symbol="check", tone="plain"),
    )


def document_row(item: Any, *, is_selected: rx.Var[bool], on_toggle: Any) -> rx.Component:
    """One line of the list. The whole row opens the document; the checkbox lies above it."""
    return rx.el.div(
        Check.create(label="Select " + item.name.to(str), is_checked=is_selected, on_toggle=on_toggle),
        rx.el.div(thumbnail(item), class_name="not-phone"),
        rx.el.div(
            Link.create(
                item.name, to=item.href, title=item.name, class_name="row-name", custom_attrs={"data-open": ""}
            ),
            _sub_line(item),
            class_name="stack-none",
        ),
        rx.el.div(rx.cond(item.category != "", badge(item.category, symbol="folder")), class_name="wide line"),
        rx.el.div(stage_badge(item), class_name="not-phone line"),
        rx.el.div(When.create(at=item.created_at), class_name="not-phone row-end"),
        rx.el.div(Size.create(bytes=item.size_bytes), class_name="wide row-end"),
        class_name="row",
        custom_attrs={"data-row": item.id, "data-selected": is_selected},
        key=item.id,
    )


def _sub_line(item: Any) -> rx.Component:
    kind = rx.cond(item.document_type != "", item.document_type, item.type_label)
    return rx.fragment(
        rx.el.div(
            rx.el.span(kind, class_name="cut"),
            rx.cond(item.pages != "", rx.el.span(item.pages)),
            rx.cond(item.who != "", rx.el.span(item.who, class_name="cut")),
            class_name="row-sub not-phone",
        ),
        rx.el.div(
            stage_badge(item),
            When.create(at=item.created_at),
            Size.create(bytes=item.size_bytes),
            class_name="row-sub only-narrow",
        ),
    )


def document_rows_skeleton() -> rx.Component:
    """Rows in the shape of the real ones."""
    row = rx.el.div(
        rx.el.span(),
        rx.el.div(bone("", "thumb"), class_name="not-phone"),
        rx.el.div(bone("w-60"), bone("w-20"), class_name="stack-tight"),
        rx.el.div(bone("w-60"), class_name="wide"),
        rx.el.div(bone("w-60"), class_name="not-phone"),
        rx.el.div(bone("w-80"), class_name="not-phone"),
        rx.el.div(bone("w-60"), class_name="wide"),
        class_name="row",
    )
    return loading("Loading documents", *[row] * SKELETON_ROWS)
