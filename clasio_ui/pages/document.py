import reflex as rx

from clasio_ui import routes
from clasio_ui.components.basics import badge, button, card, download_button, link_button
from clasio_ui.components.browser import Size, When
from clasio_ui.components.documents import stage_badge, tile
from clasio_ui.components.facts import activity_line, timeline
from clasio_ui.components.screens import bone, empty, loading, switch
from clasio_ui.components.shares import share_line
from clasio_ui.components.values import Editing, acceptable, amounts, editable, title
from clasio_ui.layout import screen
from clasio_ui.pages.document_reading import reading
from clasio_ui.pages.share_dialog import share_dialog
from clasio_ui.pages.shared import opens_dialog
from clasio_ui.state.document import DocumentState
from clasio_ui.state.frame import FrameState
from clasio_ui.state.sharing import ShareDialogState, SharedState

SKELETON_LINES = ("w-80", "w-100", "w-100", "w-60", "w-100", "w-80", "w-40")

EDITING = Editing(
    field=DocumentState.editing,
    error=DocumentState.edit_error,
    edit=DocumentState.edit,
    save=DocumentState.save,
    accept=DocumentState.accept,
    undo=DocumentState.undo,
    undoable=DocumentState.view.undoable,
)


@screen(
    routes.DOCUMENT,
    "Document",
    on_load=[ShareDialogState.close, SharedState.hide_opens, DocumentState.load, DocumentState.watch],
)
def document() -> rx.Component:
    """Pages or text left; values, stages and activity right."""
    return rx.cond(
        DocumentState.is_missing,
        rx.el.div(
            empty(
                "file-question",
                "This document does not exist",
                "It may have been removed for good, or it belongs to an organization you are not in.",
                link_button("All documents", routes.DOCUMENTS),
            ),
            class_name="card",
        ),
        switch(
            _content(),
            is_loading=DocumentState.is_loading,
            skeleton=_skeleton(),
            error=DocumentState.error,
            error_id=DocumentState.error_id,
            on_retry=DocumentState.load,
        ),
    )


def _content() -> rx.Component:
    return rx.el.div(
        _head(),
        rx.cond(DocumentState.view.is_trashed, _in_trash()),
        rx.cond(DocumentState.view.is_caught & ~DocumentState.view.is_trashed, _in_quarantine()),
        rx.cond(DocumentState.view.release_reason != "", _released()),
        rx.el.div(
            reading(),
            rx.el.div(
                _values(),
                rx.cond(DocumentState.shares.length() > 0, _shares()),
                _stages(),
                _activity(),
                class_name="stack",
            ),
            class_name="grid-aside",
        ),
        share_dialog(),
        opens_dialog(),
        class_name="stack",
    )


def _head() -> rx.Component:
    item = DocumentState.view.item
    return rx.el.div(
        tile(item.mime_type),
        rx.el.div(
            title(EDITING, "name", item.name),
            rx.el.div(
                rx.el.span(item.type_label),
                rx.el.span("·"),
                Size.create(bytes=item.size_bytes),
                rx.cond(item.pages != "", rx.fragment(rx.el.span("·"), rx.el.span(item.pages))),
                rx.el.span("·"),
                When.create(at=item.created_at),
                rx.cond(item.who != "", rx.el.span("by ", item.who)),
                class_name="line wrap quiet small",
            ),
            class_name="list-text",
        ),
        _actions(),
        class_name="line wrap document-head",
    )


def _actions() -> rx.Component:
    return rx.el.div(
        rx.cond(
            DocumentState.view.is_open,
            download_button("Download", f"{routes.POST_DOCUMENTS}/" + DocumentState.view.item.id + "/content"),
        ),
        rx.cond(
            ~DocumentState.view.is_trashed,
            rx.fragment(
                rx.cond(
                    DocumentState.view.is_open,
                    rx.fragment(
                        button(
                            "Share",
                            symbol="share-2",
                            kind="primary",
                            on_click=ShareDialogState.open(DocumentState.view.item.id),
                        ),
                        button("Analyse again", symbol="sparkles", on_click=DocumentState.analyse("fast")),
                        button("Analyse thoroughly", symbol="scan-search", on_click=DocumentState.analyse("thorough")),
                    ),
                ),
                button("Move to trash", symbol="trash-2", on_click=DocumentState.trash, kind="danger"),
            ),
        ),
        class_name="line wrap",
    )


def _scan_badge(words: rx.Var[str], is_alarming: rx.Var[bool]) -> rx.Component:
    return rx.cond(
        is_alarming,
        badge(words, symbol="shield-alert", tone="bad"),
        badge(words, symbol="shield", tone="plain"),
    )


def _in_trash() -> rx.Component:
    return rx.el.div(
        rx.el.p("This document is in the trash. It stays there for 30 days.", class_name="list-text"),
        button("Restore", symbol="undo-2", on_click=DocumentState.restore),
        class_name="line-wide banner",
        role="status",
    )


def _in_quarantine() -> rx.Component:
    return rx.el.div(
        rx.el.p(
            DocumentState.view.item.error, " Nobody can open it until an owner releases it.", class_name="list-text"
        ),
        rx.cond(FrameState.quarantine_count > 0, link_button("Quarantine", routes.QUARANTINE, symbol="shield-alert")),
        class_name="line-wide banner",
        role="status",
    )


def _released() -> rx.Component:
    view = DocumentState.view
    return rx.el.div(
        rx.el.p(
            "The virus scanner stopped this document (",
            view.found,
            "). An owner released it: ",
            view.release_reason,
            class_name="list-text",
        ),
        class_name="line-wide banner",
        role="status",
    )


def _values() -> rx.Component:
    view = DocumentState.view
    return card(
        rx.el.dl(
            _value("category", view.item.category, "Category", view.category_by, "choice", FrameState.categories),
            _value("document_type", view.item.document_type, "Type", view.document_type_by),
            _value("summary", view.item.summary, "Summary", view.summary_by, "long"),
            _value("issued_on", view.issued_on, "Issued", view.issued_on_by, "date"),
            _value("due_on", view.due_on, "Due", view.due_on_by, "date"),
            _value("expires_on", view.expires_on, "Expires", view.expires_on_by, "date"),
            amounts(view.amounts, by=view.amounts_by),
            acceptable(EDITING, "parties", view.parties.join(", "), label="Parties", by=view.parties_by),
            _value("language", view.language, "Language", view.language_by),
            class_name="values card-body",
        ),
        _sending(),
        title="Values",
    )


def _sending() -> rx.Component:
    view = DocumentState.view
    return rx.el.div(
        rx.cond(view.note != "", rx.el.p(view.note, class_name="quiet")),
        rx.el.label(
            rx.el.input(
                type="checkbox",
                checked=view.never_send,
                on_change=lambda _checked: DocumentState.switch_sending(),
                disabled=view.is_trashed,
            ),
            "Never send to AI",
            class_name="check-line",
        ),
        rx.el.p("The document is then analysed on this machine only.", class_name="quiet small"),
        class_name="stack-tight card-body",
    )


def _value(  # noqa: PLR0913, PLR0917  # a row of the table above
    name: str, value: rx.Var, label: str, by: rx.Var, kind: str = "text", options: rx.Var | None = None
) -> rx.Component:
    return editable(EDITING, name, value, label=label, by=by, kind=kind, options=options)


def _stages() -> rx.Component:
    view = DocumentState.view
    return card(
        rx.el.div(
            timeline(view.stages),
            rx.cond(
                view.item.error != "",
                rx.el.p(
                    view.item.error,
                    class_name=rx.cond(
                        (view.item.outcome == "skipped") | (view.item.outcome == "pending"), "quiet", "field-error"
                    ),
                ),
            ),
            rx.cond(view.waiting != "", rx.el.p(view.waiting, class_name="quiet small")),
            rx.el.div(
                rx.cond(view.scan != "", _scan_badge(view.scan, view.is_alarming)),
                rx.cond(
                    view.can_be_scanned & ~view.is_trashed,
                    button("Scan now", symbol="scan-search", on_click=DocumentState.scan),
                ),
                rx.cond(view.ocr != "", badge(view.ocr, symbol="scan-text", tone="plain")),
                class_name="line wrap",
            ),
            rx.cond(view.can_retry, button("Try again", symbol="rotate-cw", on_click=DocumentState.retry)),
            class_name="stack-tight card-body",
        ),
        title="Stages",
        action=stage_badge(view.item),
    )


def _shares() -> rx.Component:
    return card(rx.el.ul(rx.foreach(DocumentState.shares, _share), class_name="list"), title="Shared with")


def _share(share: rx.Var) -> rx.Component:
    return share_line(share, on_revoke=SharedState.revoke(share.id), on_show=SharedState.show_opens(share.id))


def _activity() -> rx.Component:
    return card(rx.el.ul(rx.foreach(DocumentState.activity, activity_line), class_name="list"), title="Activity")


def _skeleton() -> rx.Component:
    paper = rx.el.div(*[bone(width) for width in SKELETON_LINES], class_name="card paper stack")
    side = rx.el.div(*[bone(width) for width in SKELETON_LINES], class_name="card card-body stack")
    return loading(
        "Loading the document",
        rx.el.div(bone("", "tile"), bone("w-40"), class_name="line document-head"),
        rx.el.div(paper, side, class_name="grid-aside"),
        class_name="stack",
    )
