"""The section "Two-factor sign-in" of the settings page, and the dialogs that turn it on and off."""

from typing import Any

import reflex as rx

from clasio_ui import routes
from clasio_ui.components.basics import button, card
from clasio_ui.components.browser import CodeList, CopyField, Dialog, PostForm, When
from clasio_ui.components.facts import lines_skeleton
from clasio_ui.components.forms import danger_actions, form_actions, text_field
from clasio_ui.components.screens import switch
from clasio_ui.layout import PRODUCT, plain
from clasio_ui.pages.confirming import confirmation
from clasio_ui.pages.leaving import nobodys_section
from clasio_ui.state.leaving import LeavingState
from clasio_ui.state.second_factor import SecondFactorState
from clasio_ui.state.ways_in import WaysInState

ON_LOAD = (SecondFactorState.load,)
TITLES = (
    ("password", "Turn on two-factor sign-in"),
    ("code", "Add Clasio to your app"),
    ("codes", "Your recovery codes"),
    ("renew", "New recovery codes"),
    ("off", "Turn off two-factor sign-in"),
)
WIDE = "button button-primary button-wide"
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
                ("password", _password_step(form_actions(SecondFactorState.close, "Continue"))),
                ("code", _code_step(form_actions(SecondFactorState.close, "Turn on"))),
                ("codes", _codes_step(_done())),
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


@rx.page(
    route=routes.SECOND_FACTOR,
    title=f"Two-factor sign-in · {PRODUCT}",
    on_load=[SecondFactorState.load_demand, LeavingState.load, WaysInState.load],
)
def demanded() -> rx.Component:
    """For somebody whose organization requires it: the same steps, and the ways out."""
    return plain(
        "Two-factor sign-in",
        rx.cond(
            SecondFactorState.requiring != "",
            SecondFactorState.requiring.to(str) + " requires it of everybody.",
            "A code is asked for after the password.",
        ),
        rx.cond(
            SecondFactorState.is_loading,
            lines_skeleton("Loading two-factor sign-in", 2),
            rx.match(
                SecondFactorState.asking,
                ("password", _password_step(_submit("Continue"))),
                ("code", _code_step(_submit("Turn on"))),
                ("codes", _codes_step(rx.el.a("Go on", href=routes.OVERVIEW, class_name=WIDE))),
                rx.el.a("Go on", href=routes.OVERVIEW, class_name=WIDE),
            ),
        ),
        rx.cond(SecondFactorState.error != "", rx.el.p(SecondFactorState.error, class_name="form-error")),
        rx.cond(SecondFactorState.asking != "codes", _ways_out()),
    )


def _submit(label: str) -> rx.Component:
    return rx.el.button(label, type="submit", class_name=WIDE)


def _ways_out() -> rx.Component:
    return rx.el.div(
        rx.foreach(SecondFactorState.others, _other),
        PostForm.create(
            rx.el.button("Sign out", type="submit", class_name="button button-wide"), action=routes.POST_SIGN_OUT
        ),
        nobodys_section(),
        class_name="stack",
    )


def _other(organization: rx.Var) -> rx.Component:
    return PostForm.create(
        rx.el.button("Go to " + organization.name, type="submit", class_name="button button-wide"),
        action=routes.POST_SWITCH,
        fields={"organization_id": organization.id},
        key=organization.id,
    )


def _password_step(actions: rx.Component) -> rx.Component:
    return rx.el.form(
        rx.el.p("You need an authenticator app on your phone. Every other browser of yours will be signed out."),
        _password(),
        actions,
        on_submit=SecondFactorState.begin,
        class_name="form",
    )


def _code_step(actions: rx.Component) -> rx.Component:
    return rx.el.form(
        rx.el.p("Scan this with the app, or type the key. Then type the code that the app shows."),
        rx.el.img(src=SecondFactorState.picture, alt="QR code for the app", class_name="qr-code"),
        CopyField.create(value=SecondFactorState.secret, label="Key"),
        _code("Six digits. They change every half minute."),
        actions,
        on_submit=SecondFactorState.confirm,
        class_name="form",
    )


def _codes_step(actions: rx.Component) -> rx.Component:
    return rx.fragment(
        rx.el.p("Each signs you in once when you do not have the app. They are shown this once."),
        CodeList.create(codes=SecondFactorState.codes, file_name="clasio-recovery-codes.txt"),
        actions,
    )


def _done() -> rx.Component:
    return rx.el.div(button("Done", kind="primary", on_click=SecondFactorState.close), class_name="dialog-actions")


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
    return confirmation("second-factor", SecondFactorState.password_error)


def _code(hint: str) -> rx.Component:
    return _field(
        "code", "Code", hint=hint, error=SecondFactorState.code_error, max_length=100, auto_complete="one-time-code"
    )


def _field(name: str, label: str, **props: Any) -> rx.Component:
    return text_field(name, label, of="second-factor", required=True, **props)
