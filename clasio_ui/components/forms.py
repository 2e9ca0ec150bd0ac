"""Fields of forms that are sent as events: label above, hint under, error beside."""

from collections.abc import Iterable
from typing import Any

import reflex as rx

from clasio_ui.components.browser import FieldError


def text_field(
    name: str, label: str | rx.Component, *, of: str, hint: str = "", error: Any = "", **props: Any
) -> rx.Component:
    """`of` names the form, so that two forms of a page have different ids; `props` go to the input."""
    return _field(name, label, of, rx.el.input, hint, error, **{"max_length": 320, "auto_complete": "off"} | props)


def choice_field(  # noqa: PLR0913  # what a field consists of
    name: str,
    label: str,
    options: Iterable[tuple[str, str]] | rx.Component,
    *,
    of: str,
    hint: str = "",
    error: Any = "",
    **props: Any,
) -> rx.Component:
    """`options` are (value, label), or `rx.el.option`s."""
    if isinstance(options, rx.Component):
        children: list[rx.Component] = [options]
    else:
        children = [rx.el.option(text, value=value) for value, text in options]
    return _field(name, label, of, rx.el.select, hint, error, *children, **props)


def _field(  # noqa: PLR0913, PLR0917  # what a field consists of
    name: str,
    label: str | rx.Component,
    of: str,
    element: Any,
    hint: str,
    error: Any,
    *children: rx.Component,
    **props: Any,
) -> rx.Component:
    field_id = f"{of}-{name}"
    has_error = not isinstance(error, str)
    described = [f"{field_id}-hint"] * bool(hint) + [f"{field_id}-error"] * has_error
    return rx.el.div(
        rx.el.label(label, html_for=field_id),
        element(
            *children,
            id=field_id,
            name=name,
            class_name="input",
            **({"aria_describedby": " ".join(described)} if described else {}),
            **({"aria_invalid": error != ""} if has_error else {}),
            **props,
        ),
        rx.el.p(hint, id=f"{field_id}-hint", class_name="field-hint") if hint else None,
        FieldError.create(error_id=f"{field_id}-error", field=field_id, text=error) if has_error else None,
        class_name="field",
    )


def form_actions(cancel: Any, submit: str) -> rx.Component:
    """The end of a form in a dialog."""
    return _actions(cancel, submit, "primary")


def danger_actions(cancel: Any, submit: str) -> rx.Component:
    """The same of a form that takes something away."""
    return _actions(cancel, submit, "danger")


def _actions(cancel: Any, submit: str, kind: str) -> rx.Component:
    return rx.el.div(
        rx.el.button("Cancel", type="button", class_name="button", on_click=cancel),
        rx.el.button(submit, type="submit", class_name=f"button button-{kind}"),
        class_name="dialog-actions",
    )
