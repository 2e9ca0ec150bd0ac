"""The dialog that says what many analyses take, before they start."""

import reflex as rx

from clasio_ui.components.basics import button
from clasio_ui.components.browser import Dialog
from clasio_ui.components.lists import select
from clasio_ui.state.analysing import AnalysingState

MODES = (("fast", "Fast: the first pages"), ("thorough", "Thorough: the whole document"))


def analysing_dialog() -> rx.Component:
    is_open = AnalysingState.asking != ""
    return Dialog.create(
        rx.cond(is_open, rx.cond(AnalysingState.refusal != "", _refused(), _estimate())),
        is_open=is_open,
        title="Analyse documents",
        on_close=AnalysingState.close,
    )


def _estimate() -> rx.Component:
    estimate = AnalysingState.estimate
    return rx.fragment(
        rx.el.div(
            select(
                "Kind of analysis",
                rx.fragment(*[rx.el.option(label, value=value) for value, label in MODES]),
                value=AnalysingState.mode,
                on_change=AnalysingState.choose,
            )
        ),
        rx.el.div(
            rx.el.p(estimate.size, class_name="strong numbers"),
            rx.el.p(estimate.cost),
            rx.cond(estimate.limit != "", rx.el.p(estimate.limit, class_name="quiet")),
            class_name="stack-tight",
            role="status",
        ),
        rx.el.div(
            button("Cancel", on_click=AnalysingState.close),
            button("Analyse", kind="primary", on_click=AnalysingState.start),
            class_name="dialog-actions",
        ),
    )


def _refused() -> rx.Component:
    return rx.fragment(
        rx.el.p(AnalysingState.refusal),
        rx.el.div(button("Close", on_click=AnalysingState.close), class_name="dialog-actions"),
    )
