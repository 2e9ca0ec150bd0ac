"""Meters, timelines, activity: facts about documents and the organization."""

from typing import Any

import reflex as rx

from clasio_ui.components.basics import icon, link
from clasio_ui.components.browser import When
from clasio_ui.components.screens import bone, loading

METERS = 4


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
            rx.match(
                item.tone,
                ("full", rx.el.span("Almost full", class_name="small strong")),
                ("warn", rx.el.span(item.percent.to(str), " % used", class_name="small strong")),
                rx.fragment(),
            ),
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


def timeline(stages: rx.Var[list[Any]]) -> rx.Component:
    """The stages of a document in order, with when each was reached."""
    return rx.el.ol(rx.foreach(stages, _step), class_name="timeline")


def _step(item: Any) -> rx.Component:
    return rx.el.li(
        rx.match(
            item.state,
            ("done", icon("circle-check")),
            ("now", icon("loader")),
            ("failed", icon("circle-x")),
            icon("circle"),
        ),
        rx.el.span(
            item.label,
            rx.match(
                item.state,
                ("now", rx.el.span(" · in work", class_name="quiet")),
                ("failed", rx.el.span(" · did not work", class_name="quiet")),
                rx.fragment(),
            ),
        ),
        rx.el.span(When.create(at=item.at), class_name="quiet small"),
        class_name="step step-" + item.state.to(str),
        key=item.label,
    )


def activity_line(item: Any) -> rx.Component:
    """Who did what, when."""
    return rx.el.li(
        rx.el.div(
            rx.el.p(
                rx.el.span(item.who, class_name="strong"),
                " ",
                item.sentence,
                rx.cond(
                    item.target_name != "",
                    rx.fragment(" ", rx.cond(item.href != "", link(item.target_name, item.href), item.target_name)),
                ),
                class_name="list-text",
            ),
            rx.el.span(When.create(at=item.at), class_name="quiet small"),
            class_name="list-item",
        ),
        key=item.id,
    )


def lines_skeleton(label: str, count: int) -> rx.Component:
    line = rx.el.div(bone("w-60"), class_name="list-item")
    return loading(label, *[line] * count, class_name="list")
