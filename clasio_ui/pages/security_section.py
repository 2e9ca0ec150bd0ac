"""The section "Sign-in" of the settings page: one's password, and the browsers that are signed in."""

import reflex as rx

from clasio_ui import routes
from clasio_ui.components.basics import button, card, icon_button
from clasio_ui.components.browser import PostedField, PostedForm, When
from clasio_ui.components.facts import lines_skeleton
from clasio_ui.components.screens import switch
from clasio_ui.pages.entry import MIN_PASSWORD, PASSWORD_HINT, SENTENCES
from clasio_ui.state.security import OwnSessionsState
from clasio_ui.state.ways_in import WaysInState

ON_LOAD = (OwnSessionsState.load,)


def security_section() -> rx.Component:
    return card(
        switch(
            rx.fragment(
                rx.el.ul(
                    rx.foreach(OwnSessionsState.items, _session), class_name="list", aria_label="Signed-in browsers"
                ),
                rx.cond(
                    OwnSessionsState.has_others,
                    rx.el.div(
                        button("Sign out everywhere else", on_click=OwnSessionsState.end_others), class_name="card-body"
                    ),
                ),
            ),
            is_loading=OwnSessionsState.is_loading,
            skeleton=lines_skeleton("Loading the browsers", 2),
            error=OwnSessionsState.error,
            error_id=OwnSessionsState.error_id,
            on_retry=OwnSessionsState.load,
        ),
        _password(),
        title="Sign-in",
        anchor="sign-in",
    )


def _session(item: rx.Var) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.p(item.device, rx.cond(item.is_current, rx.el.span(" This browser", class_name="quiet"))),
            rx.el.p(
                item.ip_address,
                rx.cond(item.provider != "", ", through " + item.provider.to(str), ""),
                ", last used ",
                When.create(at=item.last_used_at),
                class_name="quiet small",
            ),
            class_name="list-text",
        ),
        rx.cond(
            item.is_current,
            rx.fragment(),
            icon_button("x", "Sign out " + item.device.to(str), on_click=OwnSessionsState.end(item.id)),
        ),
        class_name="list-item",
        key=item.id,
    )


def _password() -> rx.Component:
    """The first one of somebody who has none, else another in place of the one that is typed."""
    return rx.el.div(
        rx.cond(
            WaysInState.has_password,
            PostedForm.create(
                PostedField.create(
                    name="current_password", label="Current password", type="password", auto_complete="current-password"
                ),
                _new_password(),
                action=routes.POST_CHANGE_PASSWORD,
                submit_label="Change password",
                busy_label="Changing",
                sentences=SENTENCES,
            ),
            PostedForm.create(
                _new_password(),
                action=routes.POST_CHANGE_PASSWORD,
                submit_label="Choose a password",
                busy_label="Saving",
                sentences=SENTENCES,
            ),
        ),
        class_name="card-body",
    )


def _new_password() -> rx.Component:
    return PostedField.create(
        name="password",
        label="New password",
        type="password",
        auto_complete="new-password",
        min_length=MIN_PASSWORD,
        hint=PASSWORD_HINT + " Every other browser is signed out.",
    )
