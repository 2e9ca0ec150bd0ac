import reflex as rx

from clasio_ui import routes
from clasio_ui.components.basics import button, card, download_button
from clasio_ui.components.browser import DayHeading
from clasio_ui.components.facts import activity_line, lines_skeleton
from clasio_ui.components.lists import filter_chip, pager, select
from clasio_ui.components.screens import empty, switch
from clasio_ui.layout import screen
from clasio_ui.state.activity import ActivityState

SKELETON_LINES = 10
SUBJECTS = (
    ("document", "Documents"),
    ("share", "Shares"),
    ("member", "Members"),
    ("invite", "Invites"),
    ("account", "Sign-ins"),
    ("category", "Categories"),
    ("token", "API tokens"),
    ("organization", "Organization"),
    ("export", "Exports"),
    ("activity", "Exports of activity"),
)


@screen(routes.ACTIVITY, "Activity", on_load=[ActivityState.load, ActivityState.watch])
def activity() -> rx.Component:
    """Day by day, newest first; owners see everybody's, members their own."""
    return rx.el.div(
        _toolbar(),
        switch(
            rx.cond(ActivityState.items.length() > 0, _days(), _nothing()),
            is_loading=ActivityState.is_loading,
            skeleton=card(lines_skeleton("Loading the activity", SKELETON_LINES)),
            error=ActivityState.error,
            error_id=ActivityState.error_id,
            on_retry=ActivityState.load,
        ),
        pager(
            ActivityState.page_number,
            has_next=ActivityState.next_cursor != "",
            on_previous=ActivityState.previous_page,
            on_next=ActivityState.next_page,
        ),
        class_name="stack",
    )


def _toolbar() -> rx.Component:
    return rx.el.div(
        rx.cond(ActivityState.people.length() > 0, _person()),
        select(
            "What",
            rx.fragment(
                rx.el.option("Everything", value=""),
                *[rx.el.option(label, value=value) for value, label in SUBJECTS],
            ),
            value=ActivityState.subject,
            on_change=lambda value: ActivityState.set_filter("subject", value),
        ),
        _day("From", "since", ActivityState.since),
        _day("To", "until", ActivityState.until),
        rx.cond(
            ActivityState.document != "",
            filter_chip("One document", on_remove=ActivityState.set_filter("document", "")),
        ),
        rx.cond(ActivityState.is_filtered, button("Clear all", on_click=ActivityState.clear_filters, kind="quiet")),
        download_button("CSV", ActivityState.csv_path, name="activity.csv", class_name="push-right"),
        class_name="toolbar",
    )


def _person() -> rx.Component:
    return select(
        "Person",
        rx.fragment(
            rx.el.option("Everybody", value=""),
            rx.foreach(ActivityState.people, lambda person: rx.el.option(person[1], value=person[0], key=person[0])),
        ),
        value=ActivityState.person,
        on_change=lambda value: ActivityState.set_filter("person", value),
    )


def _day(label: str, name: str, value: rx.Var[str]) -> rx.Component:
    return rx.el.label(
        rx.el.span(label, class_name="quiet"),
        rx.el.input(
            type="date",
            default_value=value,
            key=value,
            on_change=lambda day: ActivityState.set_filter(name, day),
            class_name="select",
        ),
        class_name="line",
    )


def _days() -> rx.Component:
    return rx.el.section(
        rx.el.ul(
            rx.foreach(
                ActivityState.items,
                lambda item: rx.fragment(
                    rx.el.li(DayHeading.create(at=item.at, before=item.before)), activity_line(item), key=item.id
                ),
            ),
            class_name="list list-of-days",
        ),
        class_name="card",
    )


def _nothing() -> rx.Component:
    return rx.el.div(
        rx.cond(
            ActivityState.is_filtered,
            empty(
                "search-x",
                "Nothing fits these filters",
                "Remove a filter to see more.",
                button("Clear the filters", on_click=ActivityState.clear_filters),
            ),
            empty("history", "Nothing happened yet", "What people do here is written down and kept for 90 days."),
        ),
        class_name="card",
    )
