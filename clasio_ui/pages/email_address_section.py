"""The section "E-mail address" of the settings page."""

import reflex as rx

from clasio_ui.components.basics import button, card
from clasio_ui.components.browser import Dialog
from clasio_ui.components.facts import lines_skeleton
from clasio_ui.components.forms import form_actions, text_field
from clasio_ui.components.screens import switch
from clasio_ui.pages.confirming import confirmation
from clasio_ui.state.email_address import EmailAddressState

ON_LOAD = (EmailAddressState.load,)


def email_address_section() -> rx.Component:
    return rx.fragment(
        card(
            switch(
                _address(),
                is_loading=EmailAddressState.is_loading,
                skeleton=lines_skeleton("Loading the address", 2),
                error=EmailAddressState.error,
                error_id=EmailAddressState.error_id,
                on_retry=EmailAddressState.load,
            ),
            title="E-mail address",
            anchor="email-address",
        ),
        Dialog.create(
            _form(),
            is_open=EmailAddressState.is_changing,
            title="Change your e-mail address",
            on_close=EmailAddressState.close,
        ),
    )


def _address() -> rx.Component:
    return rx.el.div(
        rx.el.p(EmailAddressState.address),
        rx.cond(
            EmailAddressState.is_confirmed,
            rx.el.p("Confirmed.", class_name="quiet"),
            rx.el.p("Not confirmed yet: nobody has shown that you read mail there.", class_name="quiet"),
        ),
        rx.el.div(
            rx.cond(
                EmailAddressState.is_confirmed,
                rx.fragment(),
                button("Mail a link to confirm it", on_click=EmailAddressState.confirm),
            ),
            button("Change", on_click=EmailAddressState.ask_to_change),
            class_name="line",
        ),
        class_name="card-body stack",
    )


def _form() -> rx.Component:
    return rx.el.form(
        rx.el.p("A link goes to the new address. Nothing changes before it is opened."),
        text_field(
            "email",
            "New e-mail address",
            of="email-address",
            required=True,
            error=EmailAddressState.email_error,
            type="email",
            max_length=320,
            auto_complete="email",
        ),
        confirmation("email-address", EmailAddressState.password_error),
        form_actions(EmailAddressState.close, "Mail the link"),
        on_submit=EmailAddressState.change,
        class_name="form",
    )
