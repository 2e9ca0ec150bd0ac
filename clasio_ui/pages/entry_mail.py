"""Pages for what goes by mail: a forgotten password, and an address to confirm. Plain forms, as in `entry`."""

import reflex as rx

from clasio_ui import routes
from clasio_ui.components.basics import link
from clasio_ui.components.browser import PostedForm
from clasio_ui.layout import PRODUCT, plain
from clasio_ui.pages.entry import SENTENCES, email_field, new_password_field

LINKS = {"link_not_found": "This link does not work any more. Ask for a new one."}


@rx.page(route=routes.FORGOT_PASSWORD, title=f"Forgotten password · {PRODUCT}")
def forgot_password() -> rx.Component:
    return plain(
        "Forgotten password",
        "A link to choose a new one is mailed to you.",
        PostedForm.create(
            email_field(auto_focus=True),
            action=routes.POST_FORGOT_PASSWORD,
            submit_label="Mail me a link",
            busy_label="Asking for a link",
            sentences=SENTENCES,
        ),
        _to_sign_in("Back to sign-in"),
    )


@rx.page(route=routes.LINK_MAILED, title=f"Look into your mail · {PRODUCT}")
def link_mailed() -> rx.Component:
    """The same for an address that nobody here has."""
    return plain(
        "Look into your mail",
        "If somebody here has this address, a link is on its way. It works once, within an hour.",
        rx.el.p(
            "No mail after a few minutes? Look among the unwanted ones, then ask the person who runs Clasio.",
            class_name="quiet",
        ),
        _to_sign_in("Back to sign-in"),
    )


@rx.page(route=routes.RESET_PASSWORD, title=f"New password · {PRODUCT}")
def reset_password() -> rx.Component:
    return plain(
        "Choose a new password",
        "Every browser is signed out. You sign in with the new password.",
        PostedForm.create(
            new_password_field(auto_focus=True),
            action=routes.POST_RESET_PASSWORD,
            submit_label="Save",
            busy_label="Saving",
            sentences=SENTENCES | LINKS,
            carried=["token"],
        ),
    )


@rx.page(route=routes.CONFIRM_EMAIL, title=f"Confirm your address · {PRODUCT}")
def confirm_email() -> rx.Component:
    """A button, because programs that look through mail open links as well."""
    return plain(
        "Confirm your e-mail address",
        "Your Clasio account uses it from then on.",
        PostedForm.create(
            action=routes.POST_CONFIRM_EMAIL,
            submit_label="Confirm this address",
            busy_label="Confirming",
            sentences=SENTENCES | LINKS,
            carried=["token"],
        ),
    )


@rx.page(route=routes.EMAIL_CONFIRMED, title=f"Address confirmed · {PRODUCT}")
def email_confirmed() -> rx.Component:
    return plain("Your address is confirmed", "You sign in with it.", _to_sign_in("Go on to Clasio"))


def _to_sign_in(label: str) -> rx.Component:
    return rx.el.p(link(label, routes.OVERVIEW), class_name="quiet small")
