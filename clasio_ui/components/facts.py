"""Timelines and activity: what happened to documents and in the organization."""

from typing import Any

import reflex as rx

from clasio_ui.components.basics import icon, link
from clasio_ui.components.browser import When
from clasio_ui.components.screens import bone, loading


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
                rx.cond(item.detail != "", rx.el.span(" ", item.detail, class_name="quiet")),
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
