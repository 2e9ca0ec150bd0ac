"""How much of a limit is used: the cards of the overview, the lines of the usage page, and the banner near a limit."""

from typing import Any

import reflex as rx

from clasio_ui.components.basics import icon, link
from clasio_ui.components.browser import MeterBar
from clasio_ui.components.screens import bone, loading

METERS = 4
LINES = [80, 95]


def meter(item: Any) -> rx.Component:
    """How much of a limit is used: number, bar, and words when it gets tight."""
    return rx.el.div(
        rx.el.h3(item.label),
        rx.el.div(item.used, class_name="number"),
        rx.el.progress(
            value=item.percent,
            max=100,
            class_name="bar bar-" + item.tone.to(str),
            aria_label=item.label + " used",
        ),
        rx.el.div(
            rx.el.span("of ", item.limit, class_name="quiet small numbers"),
            rx.el.span(item.note, class_name="small strong"),
            class_name="line-wide",
        ),
        class_name="card card-body stack-tight",
        key=item.meter,
    )


def meters_skeleton() -> rx.Component:
    one = rx.el.div(
        bone("w-40"), bone("", "number"), bone("w-100"), bone("w-20"), class_name="card card-body stack-tight"
    )
    return loading("Loading meters", *[one] * METERS, class_name="grid-meters")


def usage_line(usage: Any) -> rx.Component:
    """One meter of the usage page: with lines at the thresholds, and the forecast as a lighter part of the bar."""
    item = usage.item
    label = rx.Var.create(f"{item.label}: {item.used} of {item.limit} used, {item.percent} percent. {usage.expected}")
    return rx.el.li(
        rx.el.div(
            rx.el.h3(item.label),
            rx.el.span(rx.el.span(item.used, class_name="strong"), " of ", item.limit, class_name="numbers push-right"),
            class_name="line-wide",
        ),
        MeterBar.create(percent=item.percent, forecast=usage.forecast, lines=LINES, tone=item.tone, label=label),
        rx.el.div(
            rx.el.span(item.note, class_name="small strong"),
            rx.el.span(usage.expected, class_name="quiet small numbers push-right"),
            class_name="line-wide",
        ),
        class_name="card-body stack-tight",
        key=item.meter,
    )


def limit_banners(limits: rx.Var[list[Any]], *, with_link: bool = True) -> rx.Component:
    """A calm word about each limit that is near or reached; nothing while all is well."""

    def one(item: Any) -> rx.Component:
        return rx.el.li(
            rx.match(item.tone, ("full", icon("circle-alert")), icon("triangle-alert")),
            rx.el.p(rx.el.span(item.title, class_name="strong"), " ", item.words),
            link("Usage and plan", item.href) if with_link else None,
            class_name="limit limit-" + item.tone.to(str),
            key=item.meter,
        )

    banners = rx.el.ul(rx.foreach(limits, one), class_name="stack-tight", aria_label="Limits")
    return rx.cond(limits.length() > 0, banners)
