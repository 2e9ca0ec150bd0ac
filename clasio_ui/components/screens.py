"""The states every screen has: loading, empty, missing, error."""

from typing import Any

import reflex as rx

from clasio_ui.components.basics import button


def empty(symbol: str, title: str, sentence: str | rx.Component, *actions: rx.Component | None) -> rx.Component:
    """One sentence on what this is for, and the button that starts it."""
    return rx.el.div(
        rx.icon(symbol),
        rx.el.h2(title),
        rx.el.p(sentence),
        rx.el.div(*actions, class_name="state-actions") if any(actions) else None,
        class_name="state",
    )


def failure(message: rx.Var[str], request_id: rx.Var[str], *, on_retry: Any) -> rx.Component:
    """What happened, what to do, the request id that finds the log line, and Retry."""
    return rx.el.div(
        rx.icon("cloud-alert"),
        rx.el.h2("This could not be loaded"),
        rx.el.p(message),
        rx.cond(request_id != "", rx.el.p("Request ", rx.el.code(request_id), class_name="small")),
        rx.el.div(button("Retry", on_click=on_retry, symbol="rotate-cw"), class_name="state-actions"),
        class_name="state card",
        role="alert",
    )


def bone(width: str, kind: str = "line") -> rx.Component:
    """A grey stand-in for text that is still to come; `width` is one of the `w-…` classes."""
    return rx.el.span(class_name=f"bone bone-{kind} {width}")


def loading(label: str, *bones: rx.Component, class_name: str = "") -> rx.Component:
    """A skeleton in the shape of what it stands for; screen readers hear `label`."""
    return rx.el.div(
        rx.el.span(label, class_name="sr-only"),
        rx.el.div(*bones, aria_hidden="true", class_name=class_name),
        role="status",
    )


def switch(  # noqa: PLR0913  # one argument for each state
    content: rx.Component,
    *,
    is_loading: rx.Var[bool],
    skeleton: rx.Component,
    error: rx.Var[str],
    error_id: rx.Var[str],
    on_retry: Any,
) -> rx.Component:
    """The content, or the state that stands in for it."""
    return rx.cond(error != "", failure(error, error_id, on_retry=on_retry), rx.cond(is_loading, skeleton, content))
