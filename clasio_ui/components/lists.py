"""Around lists: filters as chips, sorting, pages, and the bar for what is selected."""

from typing import Any

import reflex as rx

from clasio_ui.components.basics import button, icon, icon_button


def filter_chip(label: rx.Var[str], *, on_remove: Any) -> rx.Component:
    return rx.el.button(
        label,
        icon("x"),
        type="button",
        class_name="chip",
        aria_label="Remove the filter " + label,
        on_click=on_remove,
        key=label,
    )


def select(label: str, options: Any, *, value: rx.Var[str], on_change: Any) -> rx.Component:
    """A native choice; `options` are `rx.el.option`s."""
    return rx.el.span(
        rx.el.select(options, value=value, on_change=on_change, class_name="select", aria_label=label),
        icon("chevron-down"),
        class_name="select-box",
    )


def sort_button(label: str, order: rx.Var[str], *, first: str, second: str, on_sort: Any) -> rx.Component:
    """A column's head: the first click sorts by `first`, the next the other way round."""
    return rx.el.button(
        label,
        rx.cond(order == first, icon("arrow-down"), rx.cond(order == second, icon("arrow-up"))),
        type="button",
        class_name="sort",
        aria_pressed=(order == first) | (order == second),
        on_click=on_sort(rx.cond(order == first, second, first)),
    )


def pager(page: rx.Var[int], *, has_next: rx.Var[bool], on_previous: Any, on_next: Any) -> rx.Component:
    """Nothing while everything fits on one page."""
    return rx.cond(
        (page > 1) | has_next,
        rx.el.nav(
            rx.el.span("Page ", page, class_name="quiet numbers"),
            rx.el.div(
                button("Previous", on_click=on_previous, symbol="chevron-left", disabled=page == 1),
                button("Next", on_click=on_next, symbol="chevron-right", disabled=~has_next),
                class_name="line",
            ),
            class_name="pages",
            aria_label="Pages",
        ),
    )


def selection_bar(count: rx.Var[int], *actions: rx.Component, on_clear: Any) -> rx.Component:
    """Appears while something is selected."""
    return rx.cond(
        count > 0,
        rx.el.div(
            rx.el.span(count.to(str), " selected", class_name="strong numbers", role="status"),
            *actions,
            rx.el.span(class_name="toolbar-end"),
            icon_button("x", "Clear the selection", on_click=on_clear),
            class_name="bulk",
            role="toolbar",
            aria_label="Selected documents",
        ),
    )
