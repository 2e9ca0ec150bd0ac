from typing import Any

import reflex as rx

from clasio_ui import routes
from clasio_ui.components.basics import card
from clasio_ui.components.browser import DayBars
from clasio_ui.components.meters import limit_banners, usage_line
from clasio_ui.components.screens import bone, loading, switch
from clasio_ui.layout import screen
from clasio_ui.state.usage import UsageState

METERS = 5


@screen(routes.USAGE, "Usage", on_load=[UsageState.load, UsageState.watch])
def usage() -> rx.Component:
    """How much of the plan is used, by whom, and where it leads."""
    return switch(
        _content(),
        is_loading=UsageState.is_loading,
        skeleton=_skeleton(),
        error=UsageState.error,
        error_id=UsageState.error_id,
        on_retry=UsageState.load,
    )


def _content() -> rx.Component:
    return rx.el.div(
        limit_banners(UsageState.limits, with_link=False),
        rx.el.div(_meters(), rx.el.div(_trend(), _plan(), class_name="stack"), class_name="grid-two"),
        _people(),
        _months(),
        class_name="stack",
    )


def _meters() -> rx.Component:
    return card(
        rx.el.ul(rx.foreach(UsageState.meters, usage_line), class_name="list"),
        rx.el.p(
            rx.cond(
                UsageState.has_forecast,
                "The lighter part of a bar is the forecast: analyses at the pace of this month, documents and storage"
                " at that of the last four weeks.",
                "There is no forecast yet: it needs a week and ten uses behind it.",
            ),
            " The lines are at 80 % and 95 %, where owners get a mail.",
            class_name="card-body quiet small",
        ),
        title="Used of the plan",
    )


def _trend() -> rx.Component:
    return card(
        rx.el.div(DayBars.create(days=UsageState.days, label="This month per day"), class_name="card-body"),
        title="This month",
    )


def _plan() -> rx.Component:
    return card(
        rx.el.div(
            rx.el.p(
                "This organization is on the plan ",
                rx.el.strong(UsageState.plan),
                ". Analyses and AI tokens start anew with the next month, in ",
                rx.cond(UsageState.days_left == 1, "1 day", rx.fragment(UsageState.days_left, " days")),
                ".",
            ),
            rx.el.p(
                "To upgrade, ask the person who runs this Clasio to put the organization on another plan.",
                class_name="quiet",
            ),
            class_name="card-body stack-tight",
        ),
        title="Plan",
    )


def _people() -> rx.Component:
    table = _table(
        ("Person", "Documents", "Storage", "Fast", "Thorough"),
        rx.foreach(
            UsageState.people,
            lambda row: _row(row.name, row.documents, row.storage, row.fast, row.thorough, key=row.id),
        ),
    )
    nobody = rx.el.p("Nobody has put a document in yet.", class_name="card-body quiet")
    return card(
        rx.cond(UsageState.people.length() > 0, table, nobody),
        rx.el.p(
            "Documents in the trash are not counted. Analyses are those of this month that count towards the plan:"
            " the local analyzer costs nothing.",
            rx.cond(UsageState.sees_all, "", " Owners see everybody here."),
            class_name="card-body quiet small",
        ),
        title="Who used what",
    )


def _months() -> rx.Component:
    return card(
        _table(
            ("Month", "Fast", "Thorough", "AI tokens"),
            rx.foreach(
                UsageState.months, lambda row: _row(row.month, row.fast, row.thorough, row.tokens, key=row.month)
            ),
        ),
        title="Analyses by month",
    )


def _table(heads: tuple[str, ...], rows: rx.Component) -> rx.Component:
    first, *numbers = heads
    return rx.el.table(
        rx.el.thead(
            rx.el.tr(
                rx.el.th(first, scope="col"),
                *[rx.el.th(head, scope="col", class_name="table-number") for head in numbers],
            )
        ),
        rx.el.tbody(rows),
        class_name="table",
    )


def _row(first: Any, *numbers: Any, key: Any) -> rx.Component:
    return rx.el.tr(
        rx.el.th(first, scope="row"),
        *[rx.el.td(number, class_name="table-number") for number in numbers],
        key=key,
    )


def _skeleton() -> rx.Component:
    line = rx.el.div(bone("w-40"), bone("w-100"), bone("w-60"), class_name="card-body stack-tight")
    return loading(
        "Loading the usage",
        rx.el.div(*[line] * METERS, class_name="card"),
        rx.el.div(line, line, class_name="card"),
        class_name="grid-two",
    )
