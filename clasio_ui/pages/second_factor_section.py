"""The section "Two-factor sign-in" of the settings page, and the dialogs that turn it on and off."""

from typing import Any

import reflex as rx

from clasio_ui.components.basics import button, card
from clasio_ui.components.browser import CodeList, CopyField, Dialog, When
from clasio_ui.components.facts import lines_skeleton
from clasio_ui.components.forms import danger_actions, form_actions, text_field
from clasio_ui.components.screens import switch
from clasio_ui.state.second_factor import SecondFactorState

ON_LOAD = (SecondFactorState.load,)
TITLES = (
    ("password", "Turn on two-factor sign-in"),
    ("code", "Add Clasio to your app"),
    ("codes", "Your recovery codes"),
    ("renew", "New recovery codes"),
    ("off", "Turn off two-factor sign-in"),
)
EITHER_HINT = "Six digits of your app, or a recovery code."


def second_factor_section() -> rx.Component:
    return rx.fragment(
        card(
            switch(
                rx.cond(SecondFactorState.is_on, _on(), _off()),
                is_loading=SecondFactorState.is_loading,
                skeleton=lines_skeleton("Loading two-factor sign-in", 2),
                error=SecondFactorState.error,
                error_id=SecondFactorState.error_id,
                on_retry=SecondFactorState.load,
            ),
            title="Two-factor sign-in",
            anchor="two-factor",
        ),
        Dialog.create(
            rx.match(
                SecondFactorState.asking,
                ("password", _password_step()),
                ("code", _code_step()),
                ("codes", _codes_step()),
                ("renew", _renew_form()),
                ("off", _off_form()),
                rx.fragment(),
            ),
            is_open=SecondFactorState.asking != "",
            title=rx.match(SecondFactorState.asking, *TITLES, ""),
            on_close=SecondFactorState.close,
        ),
    )


def _off() -> rx.Component:
    return rx.el.div(
        rx.el.p(
            "A code of an app on your phone is asked for after the password. Who learns your password alone does not "
            "get in.",
            class_name="quiet",
        ),
        rx.el.div(button("Turn on", on_click=SecondFactorState.ask_to_turn_on)),
        class_name="card-body stack",
    )


def _on() -> rx.Component:
    return rx.el.div(
        rx.el.p("Turned on ", When.create(at=SecondFactorState.since), "."),
        rx.el.p(
            SecondFactorState.left_in_words,
            rx.cond(SecondFactorState.has_few, " Make new ones before you need the last.", ""),
            class_name="quiet",
        ),
        rx.el.div(
            button("New recovery codes", on_click=SecondFactorState.ask_for_new_codes),
            button("Turn off", kind="danger", on_click=SecondFactorState.ask_to_turn_off),
            class_name="line",
        ),
        class_name="card-body stack",
    )


def _password_step() -> rx.Component:
    return rx.el.form(
        rx.el.p("You need an authenticator app on your phone. Every other browser of yours will be signed out."),
        _password(),
        form_actions(SecondFactorState.close, "Continue"),
        on_submit=SecondFactorState.begin,
        class_name="form",
    )


def _code_step() -> rx.Component:
    return rx.el.form(
        rx.el.p("Scan this with the app, or type the key. Then type the code that the app shows."),
        rx.el.img(src=SecondFactorState.picture, alt="QR code for the app", class_name="qr-code"),
        CopyField.create(value=SecondFactorState.secret, label="Key"),
        _code("Six digits. They change every half minute."),
        form_actions(SecondFactorState.close, "Turn on"),
        on_submit=SecondFactorState.confirm,
        class_name="form",
    )


def _codes_step() -> rx.Component:
    return rx.fragment(
        rx.el.p("Each signs you in once when you do not have the app. They are shown this once."),
        CodeList.create(codes=SecondFactorState.codes, file_name="clasio-recovery-codes.txt"),
        rx.el.div(button("Done", kind="primary", on_click=SecondFactorState.close), class_name="dialog-actions"),
    )


def _renew_form() -> rx.Component:
    return rx.el.form(
        rx.el.p("You get ten new ones. The former ones work no more."),
        _password(),
        _code(EITHER_HINT),
        form_actions(SecondFactorState.close, "Make new codes"),
        on_submit=SecondFactorState.renew,
        class_name="form",
    )


def _off_form() -> rx.Component:
    return rx.el.form(
        rx.el.p("From then on the password alone signs you in, and your recovery codes work no more."),
        _password(),
        _code(EITHER_HINT),
        danger_actions(SecondFactorState.close, "Turn off"),
        on_submit=SecondFactorState.turn_off,
        class_name="form",
    )


def _password() -> rx.Component:
    return _field(
        "password",
        "Your password",
        error=SecondFactorState.password_error,
        type="password",
        max_length=256,
        auto_complete="current-password",
    )


def _code(hint: str) -> rx.Component:
    return _field(
        "code", "Code", hint=hint, error=SecondFactorState.code_error, max_length=100, auto_complete="one-time-code"
    )


def _field(name: str, label: str, **props: Any) -> rx.Component:
    return text_field(name, label, of="second-factor", required=True, **props)
