import reflex as rx

from clasio_ui import routes
from clasio_ui.components.basics import badge, button, card, icon_button, link
from clasio_ui.components.browser import Check, Dialog, RowKeys, Size, When
from clasio_ui.components.facts import lines_skeleton
from clasio_ui.components.lists import pager, selection_bar
from clasio_ui.components.screens import empty, switch
from clasio_ui.layout import screen
from clasio_ui.state.trash import TrashState

SKELETON_LINES = 6


@screen(routes.TRASH, "Trash", on_load=[TrashState.load, TrashState.watch])
def trash() -> rx.Component:
    """What can still be restored; owners can remove it for good."""
    return rx.el.div(
        selection_bar(
            TrashState.selected_count,
            button("Restore", symbol="undo-2", on_click=TrashState.restore_selected),
            rx.cond(
                TrashState.may_purge,
                button("Remove for good", symbol="trash-2", kind="danger", on_click=TrashState.ask("selected")),
            ),
            on_clear=TrashState.clear_selection,
        ),
        switch(
            rx.cond(TrashState.items.length() > 0, _list(), _nothing()),
            is_loading=TrashState.is_loading,
            skeleton=card(lines_skeleton("Loading the trash", SKELETON_LINES)),
            error=TrashState.error,
            error_id=TrashState.error_id,
            on_retry=TrashState.load,
        ),
        pager(
            TrashState.page_number,
            has_next=TrashState.next_cursor != "",
            on_previous=TrashState.previous_page,
            on_next=TrashState.next_page,
        ),
        _dialog(),
        class_name="stack",
    )


def _list() -> rx.Component:
    all_selected = TrashState.selected_count == TrashState.items.length()
    empty_it = button("Empty trash", symbol="trash-2", kind="danger", on_click=TrashState.ask("empty"))
    return rx.el.section(
        rx.el.div(
            rx.el.div(
                Check.create(
                    label="Select all on this page",
                    is_checked=all_selected,
                    is_mixed=(TrashState.selected_count > 0) & ~all_selected,
                    on_toggle=TrashState.toggle_all,
                ),
                rx.el.h2("Kept for 30 days"),
                class_name="line",
            ),
            rx.cond(TrashState.may_purge, empty_it),
            class_name="card-head",
        ),
        RowKeys.create(rx.el.ul(rx.foreach(TrashState.items, _row), class_name="list")),
        class_name="card",
    )


def _row(item: rx.Var) -> rx.Component:
    return rx.el.li(
        Check.create(
            label="Select " + item.document.name.to(str),
            is_checked=TrashState.selected.contains(item.id),
            on_toggle=TrashState.toggle(item.id),
        ),
        rx.el.div(
            rx.el.p(link(item.document.name, item.document.href, custom_attrs={"data-open": ""})),
            rx.el.p(
                Size.create(bytes=item.document.size_bytes),
                " · moved here by ",
                item.deleted_by,
                ", ",
                When.create(at=item.deleted_at),
                class_name="quiet small",
            ),
            class_name="list-text",
        ),
        rx.el.div(
            badge(item.until, symbol="clock", tone="plain"),
            icon_button("undo-2", "Restore " + item.document.name.to(str), on_click=TrashState.restore(item.id)),
            class_name="line",
        ),
        class_name="list-item list-item-wraps",
        custom_attrs={"data-row": item.id},
        key=item.id,
    )


def _nothing() -> rx.Component:
    return rx.el.div(
        empty("trash-2", "The trash is empty", "Documents that you move to the trash can be restored for 30 days."),
        class_name="card",
    )


def _dialog() -> rx.Component:
    count = rx.cond(TrashState.asking == "empty", TrashState.count, TrashState.selected_count)
    return Dialog.create(
        rx.cond(
            count == 1,
            rx.el.p("1 document goes for good, with its text, analyses and shares. Nobody can bring it back."),
            rx.el.p(count, " documents go for good, with their text, analyses and shares. Nobody can bring them back."),
        ),
        rx.el.div(
            button("Cancel", on_click=TrashState.keep),
            button("Remove for good", kind="danger", on_click=TrashState.remove_for_good),
            class_name="dialog-actions",
        ),
        is_open=TrashState.asking != "",
        title=rx.cond(TrashState.asking == "empty", "Empty the trash", "Remove for good"),
        on_close=TrashState.keep,
    )
