"""The ways in: sign-in, set-up, choosing a password. Plain forms, because only HTTP sets an HttpOnly cookie."""

import reflex as rx

from clasio_ui import routes
from clasio_ui.components.browser import PostedField, PostedForm
from clasio_ui.layout import PRODUCT, plain

MIN_PASSWORD = 15
PASSWORD_HINT = f"At least {MIN_PASSWORD} characters. A few words that do not belong together are easy to remember."
LINK_SENTENCE = "This link does not work any more. Ask the person who runs Clasio for a new one."
SENTENCES = {
    "wrong_credentials": "E-mail address and password do not match. Check both and try again.",
    "too_many_requests": "Too many attempts. Wait a few minutes and try again.",
    "link_not_found": LINK_SENTENCE,
    "weak_password": PASSWORD_HINT,
    "email_taken": "A person with this e-mail address exists already.",
    "validation_failed": "Something in the form is not right. Check each field.",
    "foreign_origin": "This request came from another site, so it was refused.",
}


@rx.page(route=routes.SIGN_IN, title=f"Sign in · {PRODUCT}")
def sign_in() -> rx.Component:
    return plain(
        "Sign in",
        "Your organization's documents, in one place.",
        PostedForm.create(
            _email(auto_focus=True),
            PostedField.create(name="password", label="Password", type="password", auto_complete="current-password"),
            action=routes.POST_SIGN_IN,
            submit_label="Sign in",
            busy_label="Signing in",
            sentences=SENTENCES,
        ),
    )


@rx.page(route=routes.SETUP, title=f"Set up · {PRODUCT}")
def setup() -> rx.Component:
    """The first person and the first organization."""
    return plain(
        "Set up Clasio",
        "You become the owner of the first organization, and the operator of this instance.",
        PostedForm.create(
            PostedField.create(
                name="organization_name", label="Organization", auto_complete="organization", auto_focus=True
            ),
            PostedField.create(name="name", label="Your name", auto_complete="name"),
            _email(),
            _new_password(),
            action=routes.POST_SETUP,
            submit_label="Create the organization",
            busy_label="Creating",
            sentences=SENTENCES,
            carried=["token"],
        ),
    )


@rx.page(route=routes.SET_PASSWORD, title=f"Choose a password · {PRODUCT}")
def set_password() -> rx.Component:
    return plain(
        "Choose a password",
        "You are signed in right after.",
        PostedForm.create(
            _new_password(auto_focus=True),
            action=routes.POST_SET_PASSWORD,
            submit_label="Save and sign in",
            busy_label="Saving",
            sentences=SENTENCES,
            carried=["token"],
        ),
    )


def _email(*, auto_focus: bool = False) -> rx.Component:
    return PostedField.create(
        name="email", label="E-mail address", type="email", auto_complete="username", auto_focus=auto_focus
    )


def _new_password(*, auto_focus: bool = False) -> rx.Component:
    return PostedField.create(
        name="password",
        label="Password",
        type="password",
        auto_complete="new-password",
        hint=PASSWORD_HINT,
        min_length=MIN_PASSWORD,
        auto_focus=auto_focus,
    )
