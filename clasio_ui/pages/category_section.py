"""The section "Categories" of the settings page."""

import reflex as rx

from clasio_ui.components.basics import badge, card, icon_button
from clasio_ui.components.browser import Dialog, EditBox
from clasio_ui.components.facts import lines_skeleton
from clasio_ui.components.forms import choice_field, form_actions, text_field
from clasio_ui.components.screens import switch
from clasio_ui.state.categories import CategoriesState

ON_LOAD = (CategoriesState.load, CategoriesState.watch)
SKELETON_LINES = 6


def category_section() -> rx.Component:
    return card(
        rx.el.p(
            "Every analysis chooses from this list. Documents of a category that is never sent to AI are analysed on"
            " this machine only. Documents keep a category that is renamed or archived.",
            class_name="card-body quiet",
        ),
        switch(
            rx.el.ul(rx.foreach(CategoriesState.items, _category), class_name="list", aria_label="Categories"),
            is_loading=CategoriesState.is_loading,
            skeleton=lines_skeleton("Loading the categories", SKELETON_LINES),
            error=CategoriesState.error,
            error_id=CategoriesState.error_id,
            on_retry=CategoriesState.load,
        ),
        rx.el.form(
            text_field(
                "name",
                "New category",
                of="category",
                error=CategoriesState.add_error,
                max_length=100,
                required=True,
            ),
            rx.el.div(rx.el.button("Add category", type="submit", class_name="button")),
            on_submit=CategoriesState.add,
            class_name="form card-body",
            key=CategoriesState.added,
        ),
        _dialog(),
        title="Categories",
        anchor="categories",
    )


def _category(item: rx.Var) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.cond(CategoriesState.renaming == item.id, _name_box(item), rx.el.p(item.name, class_name="cut")),
            class_name="list-text",
        ),
        rx.el.div(
            rx.cond(item.never_send, badge("Never sent to AI", symbol="shield", tone="plain")),
            rx.cond(
                item.goes_into != "",
                badge("Goes into " + item.goes_into.to(str), symbol="loader"),
                rx.cond(item.is_archived, _archived_actions(item), _actions(item)),
            ),
            class_name="line wrap",
        ),
        class_name="list-item list-item-wraps",
        key=item.id,
    )


def _name_box(item: rx.Var) -> rx.Component:
    return EditBox.create(
        label="Name of the category " + item.name.to(str),
        value=item.name,
        kind="text",
        options=[],
        error=CategoriesState.rename_error,
        on_save=CategoriesState.rename,
        on_cancel=CategoriesState.edit_name(""),
    )


def _actions(item: rx.Var) -> rx.Component:
    name = item.name.to(str)
    return rx.el.div(
        icon_button(
            "arrow-up",
            "Move " + name + " up",
            on_click=CategoriesState.move(item.id, item.place.to(int) - 1),
            disabled=item.place == 1,
        ),
        icon_button(
            "arrow-down",
            "Move " + name + " down",
            on_click=CategoriesState.move(item.id, item.place.to(int) + 1),
            disabled=item.is_last,
        ),
        _sending(item),
        icon_button("pencil", "Rename " + name, on_click=CategoriesState.edit_name(item.id)),
        icon_button("merge", "Merge " + name + " into another", on_click=CategoriesState.ask_to_merge(item.id)),
        icon_button("archive", "Archive " + name, on_click=CategoriesState.archive(item.id)),
        class_name="line",
    )


def _archived_actions(item: rx.Var) -> rx.Component:
    name = item.name.to(str)
    return rx.el.div(
        badge("Archived", symbol="archive", tone="plain"),
        _sending(item),
        icon_button("merge", "Merge " + name + " into another", on_click=CategoriesState.ask_to_merge(item.id)),
        icon_button("archive-restore", "Restore " + name, on_click=CategoriesState.restore(item.id)),
        class_name="line",
    )


def _sending(item: rx.Var) -> rx.Component:
    name = item.name.to(str)
    return icon_button(
        "shield",
        "Never send documents of " + name + " to AI",
        on_click=CategoriesState.switch_sending(item.id),
        aria_pressed=item.never_send,
    )


def _dialog() -> rx.Component:
    return Dialog.create(
        rx.cond(
            CategoriesState.merging != "",
            rx.el.form(
                rx.el.p(
                    "All documents of ",
                    rx.el.strong(CategoriesState.merging_name),
                    " get the category that you choose, and ",
                    rx.el.strong(CategoriesState.merging_name),
                    " is removed. This cannot be undone.",
                ),
                choice_field(
                    "into",
                    "Merge into",
                    rx.foreach(CategoriesState.targets, lambda item: rx.el.option(item.name, value=item.id)),
                    of="merge",
                ),
                rx.cond(CategoriesState.merge_error != "", rx.el.p(CategoriesState.merge_error, role="alert")),
                form_actions(CategoriesState.keep, "Merge"),
                on_submit=CategoriesState.merge,
                class_name="form",
            ),
        ),
        is_open=CategoriesState.merging != "",
        title="Merge this category",
        on_close=CategoriesState.keep,
    )
