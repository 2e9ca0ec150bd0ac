"""The section "Connected accounts" of the settings page: accounts elsewhere that sign one in."""

import reflex as rx

from clasio_ui.components.basics import button, card, icon_button
from clasio_ui.components.browser import Dialog, PostedField, PostedForm, When
from clasio_ui.components.facts import lines_skeleton
from clasio_ui.components.forms import danger_actions
from clasio_ui.components.screens import switch
from clasio_ui.pages import confirming
from clasio_ui.state.ways_in import WaysInState

ON_LOAD = confirming.ON_LOAD


def ways_in_section() -> rx.Component:
    """Nothing where no provider is set up and none was."""
    return rx.fragment(
        rx.cond(
            WaysInState.is_loading | WaysInState.is_offered | (WaysInState.error != ""),
            card(
                switch(
                    _accounts(),
                    is_loading=WaysInState.is_loading,
                    skeleton=lines_skeleton("Loading the connected accounts", 2),
                    error=WaysInState.error,
                    error_id=WaysInState.error_id,
                    on_retry=WaysInState.load,
                ),
                title="Connected accounts",
                anchor="connected-accounts",
            ),
        ),
        Dialog.create(
            rx.cond(WaysInState.connecting != "", _connect_form()),
            is_open=WaysInState.connecting != "",
            title="Connect " + WaysInState.connecting_name.to(str),
            on_close=WaysInState.close,
        ),
        Dialog.create(
            rx.cond(WaysInState.removing != "", _disconnect_form()),
            is_open=WaysInState.removing != "",
            title="Disconnect " + WaysInState.removing_name.to(str),
            on_close=WaysInState.close,
        ),
    )


def _accounts() -> rx.Component:
    return rx.fragment(
        rx.el.div(
            rx.el.p(
                "An account that you have elsewhere signs you in here, in place of the password.", class_name="quiet"
            ),
            rx.el.div(rx.foreach(WaysInState.providers, _connect_button), class_name="line"),
            class_name="card-body stack",
        ),
        rx.cond(
            WaysInState.items.length() > 0,
            rx.el.ul(rx.foreach(WaysInState.items, _account), class_name="list", aria_label="Connected accounts"),
        ),
        rx.cond(
            WaysInState.again.length() > 0,
            rx.el.div(
                rx.el.p(
                    "Your account has no password. Before something that cannot be undone you sign in again here; or "
                    "choose a password in the section Sign-in.",
                    class_name="quiet",
                ),
                rx.foreach(WaysInState.again, _again),
                class_name="card-body stack",
            ),
        ),
    )


def _connect_button(item: rx.Var) -> rx.Component:
    return button(
        "Connect " + item.name.to(str), symbol="plus", on_click=WaysInState.ask_to_connect(item.slug), key=item.slug
    )


def _account(item: rx.Var) -> rx.Component:
    used = rx.cond(item.last_used_at != "", rx.fragment("Last used ", When.create(at=item.last_used_at)), "Never used")
    return rx.el.li(
        rx.el.div(
            rx.el.p(item.provider, rx.cond(item.email != "", rx.el.span(" ", item.email, class_name="quiet"))),
            rx.el.p(used, class_name="quiet small"),
            class_name="list-text",
        ),
        icon_button("x", "Disconnect " + item.provider.to(str), on_click=WaysInState.ask_to_disconnect(item.id)),
        class_name="list-item",
        key=item.id,
    )


def _again(item: rx.Var) -> rx.Component:
    return PostedForm.create(
        action=item.again_path,
        submit_label="Sign in again with " + item.name.to(str),
        busy_label="Going to " + item.name.to(str),
        is_beside=True,
        key=item.slug,
    )


def _connect_form() -> rx.Component:
    """A plain form, because it leads out of Clasio and back."""
    return PostedForm.create(
        rx.el.p("You sign in there once, and come back here."),
        rx.cond(
            WaysInState.has_password,
            PostedField.create(
                name="password", label="Your password", type="password", auto_complete="current-password"
            ),
            rx.el.p(rx.cond(WaysInState.is_fresh, confirming.FRESH, confirming.NOT_FRESH), class_name="quiet"),
        ),
        action=WaysInState.connecting,
        submit_label="Go to " + WaysInState.connecting_name.to(str),
        busy_label="Going there",
        is_beside=True,
    )


def _disconnect_form() -> rx.Component:
    return rx.el.form(
        rx.el.p("It signs you in no more. Other browsers that it has signed in are signed out."),
        confirming.confirmation("disconnecting", WaysInState.password_error),
        danger_actions(WaysInState.close, "Disconnect"),
        on_submit=WaysInState.disconnect,
        class_name="form",
    )
