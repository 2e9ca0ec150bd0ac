import reflex as rx

from clasio_ui import routes
from clasio_ui.components.basics import card, icon, link
from clasio_ui.components.browser import DayBars, Link, UploadButton
from clasio_ui.components.facts import activity_line, lines_skeleton
from clasio_ui.components.meters import limit_banners, meter, meters_skeleton
from clasio_ui.components.screens import bone, empty, loading, switch
from clasio_ui.layout import screen
from clasio_ui.state.overview import OverviewState

SKELETON_LINES = 6


@screen(routes.OVERVIEW, "Overview", on_load=[OverviewState.load, OverviewState.watch])
def overview() -> rx.Component:
    """How much is used, what wants attention, what happened."""
    return switch(
        rx.cond(OverviewState.total == 0, _first_steps(), _content()),
        is_loading=OverviewState.is_loading,
        skeleton=_skeleton(),
        error=OverviewState.error,
        error_id=OverviewState.error_id,
        on_retry=OverviewState.load,
    )


def _content() -> rx.Component:
    return rx.el.div(
        limit_banners(OverviewState.limits),
        rx.el.div(rx.foreach(OverviewState.meters, meter), class_name="grid-meters"),
        rx.el.p(
            "Plan ",
            OverviewState.plan,
            " · ",
            OverviewState.days_left,
            rx.cond(OverviewState.days_left == 1, " day", " days"),
            " left this month · ",
            link("Usage", routes.USAGE),
            class_name="quiet small",
        ),
        rx.el.div(_attention(), _chart(), class_name="grid-two"),
        _latest(),
        class_name="stack",
    )


def _first_steps() -> rx.Component:
    return rx.el.div(
        empty(
            "file-up",
            "Put the first document in",
            "Drop files anywhere on this page. Clasio reads them, says what they are, and finds them again.",
            UploadButton.create(label="Upload documents"),
        ),
        class_name="card",
    )


def _attention() -> rx.Component:
    calm = rx.el.p(icon("circle-check"), "No document needs you right now.", class_name="line quiet card-body")
    return card(
        rx.cond(
            OverviewState.attention.length() > 0,
            rx.el.ul(rx.foreach(OverviewState.attention, _attention_line), class_name="list"),
            calm,
        ),
        title="Needs attention",
    )


def _attention_line(item: rx.Var) -> rx.Component:
    return rx.el.li(
        Link.create(
            rx.cond(item.tone == "bad", icon("circle-x"), icon("triangle-alert")),
            rx.el.span(item.label, " ", rx.el.span(item.detail, class_name="quiet"), class_name="list-text"),
            icon("chevron-right"),
            to=item.href,
            class_name="list-item list-" + item.tone.to(str),
        ),
        key=item.href,
    )


def _chart() -> rx.Component:
    return card(
        rx.el.div(
            DayBars.create(days=OverviewState.days, label="Uploads and analyses per day", end_label="Today"),
            class_name="card-body",
        ),
        title="Uploads and analyses per day",
    )


def _latest() -> rx.Component:
    return card(
        rx.el.ul(rx.foreach(OverviewState.latest, activity_line), class_name="list"),
        title="Latest activity",
        action=link("All activity", routes.ACTIVITY),
    )


def _skeleton() -> rx.Component:
    panel = rx.el.div(bone("w-40"), bone("w-80"), bone("w-60"), class_name="card card-body stack")
    return rx.el.div(
        meters_skeleton(),
        loading("Loading the overview", panel, panel, class_name="grid-two"),
        card(lines_skeleton("Loading activity", SKELETON_LINES)),
        class_name="stack",
    )
