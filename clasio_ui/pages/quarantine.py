import reflex as rx

from clasio_ui import routes
from clasio_ui.components.basics import badge, button, card, link, link_button
from clasio_ui.components.browser import Dialog, RowKeys, Size, When
from clasio_ui.components.facts import lines_skeleton
from clasio_ui.components.forms import danger_actions, text_field
from clasio_ui.components.lists import pager
from clasio_ui.components.screens import empty, switch
from clasio_ui.layout import screen
from clasio_ui.state.quarantine import QuarantineState

SKELETON_LINES = 6


@screen(routes.QUARANTINE, "Quarantine", on_load=[QuarantineState.load, QuarantineState.watch])
def quarantine() -> rx.Component:
    """What the virus scanner caught; owners delete it, or release it with a reason."""
    return rx.cond(
        QuarantineState.is_missing,
        rx.el.div(
            empty(
                "file-question",
                "This page does not exist",
                "Or it is for owners of the organization.",
                link_button("All documents", routes.DOCUMENTS),
            ),
            class_name="card",
        ),
        rx.el.div(
            switch(
                rx.cond(QuarantineState.items.length() > 0, _list(), _nothing()),
                is_loading=QuarantineState.is_loading,
                skeleton=card(lines_skeleton("Loading the quarantine", SKELETON_LINES)),
                error=QuarantineState.error,
                error_id=QuarantineState.error_id,
                on_retry=QuarantineState.load,
            ),
            pager(
                QuarantineState.page_number,
                has_next=QuarantineState.next_cursor != "",
                on_previous=QuarantineState.previous_page,
                on_next=QuarantineState.next_page,
            ),
            _release_dialog(),
            _delete_dialog(),
            class_name="stack",
        ),
    )


def _list() -> rx.Component:
    return card(
        rx.el.p(
            "Nobody can open, share, analyse or export these documents. A release is for what was caught by mistake.",
            class_name="card-body quiet",
        ),
        RowKeys.create(rx.el.ul(rx.foreach(QuarantineState.items, _row), class_name="list")),
        title="Stopped by the virus scanner",
    )


def _row(item: rx.Var) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.p(link(item.document.name, item.document.href, custom_attrs={"data-open": ""})),
            rx.el.p(
                Size.create(bytes=item.document.size_bytes),
                " · ",
                rx.cond(item.document.who != "", rx.fragment("added by ", item.document.who, " · ")),
                "caught ",
                When.create(at=item.caught_at),
                rx.cond(item.engine != "", rx.fragment(" by ", item.engine)),
                class_name="quiet small",
            ),
            rx.el.div(badge(item.found, symbol="shield-alert", tone="bad"), class_name="line wrap"),
            class_name="list-text stack-tight",
        ),
        rx.el.div(
            button("Release", symbol="lock-open", on_click=QuarantineState.ask("release", item.id)),
            button("Delete", symbol="trash-2", kind="danger", on_click=QuarantineState.ask("delete", item.id)),
            class_name="line",
        ),
        class_name="list-item list-item-wraps",
        custom_attrs={"data-row": item.id},
        key=item.id,
    )


def _nothing() -> rx.Component:
    return rx.el.div(
        empty("shield-check", "Nothing is in quarantine", "What the virus scanner stops is listed here, for owners."),
        class_name="card",
    )


def _release_dialog() -> rx.Component:
    is_open = QuarantineState.asking == "release"
    return Dialog.create(
        rx.cond(is_open, _release_form()),
        is_open=is_open,
        title="Release " + QuarantineState.asked_name,
        on_close=QuarantineState.close,
    )


def _release_form() -> rx.Component:
    return rx.el.form(
        rx.el.p(
            "Everybody in the organization can then open it, as well as those it is shared with. Release only what you "
            "know to be harmless: your name and the reason stay in the activity."
        ),
        text_field(
            "reason",
            "Reason",
            of="release",
            error=QuarantineState.reason_error,
            max_length=500,
            required=True,
            auto_focus=True,
        ),
        danger_actions(QuarantineState.close, "Release"),
        on_submit=QuarantineState.release,
        class_name="stack",
    )


def _delete_dialog() -> rx.Component:
    return Dialog.create(
        rx.el.p("The document goes for good, at once and without the trash. Nobody can bring it back."),
        rx.el.div(
            button("Cancel", on_click=QuarantineState.close),
            button("Delete for good", kind="danger", on_click=QuarantineState.delete),
            class_name="dialog-actions",
        ),
        is_open=QuarantineState.asking == "delete",
        title="Delete " + QuarantineState.asked_name,
        on_close=QuarantineState.close,
    )
