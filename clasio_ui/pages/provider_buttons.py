"""The buttons "Continue with …" on the pages of those who come in."""

import reflex as rx

from clasio_ui.components.browser import PostedForm
from clasio_ui.state.providers import ProvidersState


def provider_buttons(*, carried: list[str] | None = None) -> rx.Component:
    """`carried` is posted along, such as the token of an invite. Nothing where no provider is set up."""
    return rx.cond(
        ProvidersState.items.length() > 0,
        rx.el.div(
            rx.el.p("or", class_name="quiet small or"),
            rx.foreach(ProvidersState.items, lambda item: _button(item, carried or [])),
            class_name="stack",
        ),
    )


def _button(item: rx.Var, carried: list[str]) -> rx.Component:
    label = "Continue with " + item.name.to(str)
    return PostedForm.create(
        action=item.sign_in_path,
        submit_label=label,
        busy_label="Going to " + item.name.to(str),
        carried=carried,
        is_beside=True,
        key=item.slug,
    )
