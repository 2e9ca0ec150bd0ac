"""What is asked for before something that cannot be undone: the password, or a recent sign-in of who has none."""

from typing import Any

import reflex as rx

from clasio_ui.components.browser import FieldError
from clasio_ui.components.forms import text_field
from clasio_ui.state.ways_in import WaysInState

ON_LOAD = (WaysInState.load_returned,)
FRESH = "You signed in a moment ago, so nothing more is asked for."
NOT_FRESH = (
    "Your account has no password. Show first that it is you: sign out and in again, or use “Sign in again” under "
    "Connected accounts in the settings. Then you have ten minutes for this."
)


def confirmation(of: str, error: rx.Var[str], **props: Any) -> rx.Component:
    """The field `password` of the form `of`, with what was wrong with it."""
    return rx.cond(
        WaysInState.has_password,
        text_field(
            "password",
            "Your password",
            of=of,
            error=error,
            type="password",
            max_length=256,
            auto_complete="current-password",
            required=True,
            **props,
        ),
        rx.fragment(
            rx.cond(
                error != "",
                FieldError.create(error_id=f"{of}-password-error", field=f"{of}-password", text=error),
                rx.el.p(rx.cond(WaysInState.is_fresh, FRESH, NOT_FRESH), class_name="quiet"),
            ),
        ),
    )
