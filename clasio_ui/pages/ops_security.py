from typing import Any

import reflex as rx

from clasio_ui import routes
from clasio_ui.components.basics import card, icon
from clasio_ui.components.browser import DayHeading, When
from clasio_ui.components.facts import lines_skeleton
from clasio_ui.components.lists import pager
from clasio_ui.components.screens import empty, switch
from clasio_ui.layout import screen
from clasio_ui.pages.ops_frame import for_operators
from clasio_ui.state.ops import SecurityState

SKELETON_LINES = 4


@screen(routes.OPS_SECURITY, "Security events", on_load=[SecurityState.load])
def security() -> rx.Component:
    """Failed sign-ins, deletions, and what operators did."""
    return for_operators(
        routes.OPS_SECURITY,
        SecurityState.is_missing,
        switch(
            rx.cond(
                SecurityState.events.length() > 0,
                rx.el.section(
                    rx.el.ul(rx.foreach(SecurityState.events, _event), class_name="list list-of-days"),
                    class_name="card",
                ),
                rx.el.div(
                    empty("shield-check", "Nothing happened yet", "Failed sign-ins and what operators do stand here."),
                    class_name="card",
                ),
            ),
            is_loading=SecurityState.is_loading,
            skeleton=card(lines_skeleton("Loading security events", SKELETON_LINES)),
            error=SecurityState.error,
            error_id=SecurityState.error_id,
            on_retry=SecurityState.load,
        ),
        pager(
            SecurityState.page_number,
            has_next=SecurityState.next_cursor != "",
            on_previous=SecurityState.previous_page,
            on_next=SecurityState.next_page,
        ),
    )


def _event(event: Any) -> rx.Component:
    return rx.fragment(
        rx.el.li(DayHeading.create(at=event.at, before=event.before)),
        rx.el.li(
            rx.el.div(
                rx.cond(event.is_bad, icon("shield-alert"), icon("shield")),
                rx.el.p(
                    rx.el.span(event.who, class_name="strong"),
                    " ",
                    event.sentence,
                    rx.cond(event.detail != "", rx.el.span(" ", event.detail, class_name="quiet")),
                    class_name="list-text",
                ),
                rx.el.span(When.create(at=event.at), class_name="quiet small"),
                class_name=rx.cond(event.is_bad, "list-item list-warn", "list-item"),
            )
        ),
        key=event.id,
    )
