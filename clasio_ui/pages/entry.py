"""The ways in: sign-in, set-up, choosing a password. Plain forms, because only HTTP sets an HttpOnly cookie."""

import reflex as rx

from clasio_ui import routes
from clasio_ui.components.basics import link
from clasio_ui.components.browser import PostedField, PostedForm, PostForm
from clasio_ui.layout import PRODUCT, plain
from clasio_ui.pages.leaving import nobodys_section
from clasio_ui.pages.provider_buttons import provider_buttons
from clasio_ui.state.invite import InviteState
from clasio_ui.state.leaving import LeavingState
from clasio_ui.state.providers import ProvidersState
from clasio_ui.state.ways_in import WaysInState

MIN_PASSWORD = 15
PASSWORD_HINT = f"At least {MIN_PASSWORD} characters. A few words that do not belong together are easy to remember."
LINK_SENTENCE = "This link does not work any more. Ask the person who runs Clasio for a new one."
SENTENCES = {
    "wrong_credentials": "E-mail address and password do not match. Check both and try again.",
    "wrong_code": "This code is wrong, or was used already. Type the one that the app shows next.",
    "sign_in_again": "This sign-in is over: it works once, for five minutes. Sign in again.",
    "too_many_requests": "Too many attempts. Wait a few minutes and try again.",
    "link_not_found": LINK_SENTENCE,
    "weak_password": PASSWORD_HINT,
    "email_taken": "A person with this e-mail address exists already.",
    "validation_failed": "Something in the form is not right. Check each field.",
    "name_missing": "Say your name, so that your colleagues know who you are.",
    "invite_for_somebody_else": "This invite is for another address. Sign out, then open the link again.",
    "no_password": "Your account has no password. Sign in again under Connected accounts first.",
    "sign_in_over": "This sign-in is over: it works once, for ten minutes, in the browser that began it. Try again.",
    "sign_in_declined": "The other service did not sign you in. Try again, or use your password.",
    "address_not_verified": "The other service has not confirmed your e-mail address. Confirm it there, and try again.",
    "account_exists": "An account with this address exists already. Sign in with its password now, and the two are "
    "connected.",
    "no_account": "There is no account for this address. Ask an owner to invite you, then open the link they send.",
    "identity_taken": "This is connected to another account of Clasio. Disconnect it there first.",
    "provider_away": "The other service does not answer. Try again in a minute, or sign in with your password.",
    "provider_not_trusted": "Nobody was signed in, because the other service's answer could not be trusted. Try again; "
    "if it stays, tell the person who runs Clasio.",
    "foreign_origin": "This request came from another site, so it was refused.",
}


@rx.page(route=routes.SIGN_IN, title=f"Sign in · {PRODUCT}", on_load=ProvidersState.load)
def sign_in() -> rx.Component:
    return plain(
        "Sign in",
        "Your organization's documents, in one place.",
        PostedForm.create(
            email_field(auto_focus=True),
            _password(),
            action=routes.POST_SIGN_IN,
            submit_label="Sign in",
            busy_label="Signing in",
            sentences=SENTENCES,
        ),
        rx.el.p(link("Forgot your password?", routes.FORGOT_PASSWORD), class_name="quiet small"),
        provider_buttons(),
    )


@rx.page(route=routes.SIGN_IN_CODE, title=f"Code · {PRODUCT}")
def sign_in_code() -> rx.Component:
    """The second step of a sign-in, for people who have turned two-factor sign-in on."""
    return plain(
        "Type your code",
        "Your authenticator app shows it. It changes every half minute.",
        PostedForm.create(
            PostedField.create(
                name="code",
                label="Code",
                auto_complete="one-time-code",
                auto_focus=True,
                hint="Six digits. Without the app: one of your recovery codes.",
            ),
            action=routes.POST_SIGN_IN_CODE,
            submit_label="Sign in",
            busy_label="Signing in",
            sentences=SENTENCES,
        ),
        rx.el.p(link("Begin again", routes.SIGN_IN), class_name="quiet small"),
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
            email_field(),
            new_password_field(),
            action=routes.POST_SETUP,
            submit_label="Create the organization",
            busy_label="Creating",
            sentences=SENTENCES,
            carried=["token"],
        ),
    )


@rx.page(route=routes.INVITE, title=f"Join · {PRODUCT}", on_load=[InviteState.load, ProvidersState.load])
def invite() -> rx.Component:
    """Behind an invite's link: join with a new account, or with the one that is there."""
    return rx.match(
        InviteState.way,
        ("loading", plain("Join", "Looking at your invite.")),
        ("gone", plain("This invite does not work", "It was used, withdrawn, or is too old. Ask for a new one.")),
        ("other", _invited(_for_somebody_else())),
        ("here", _invited(_join_form(routes.POST_JOIN))),
        ("known", _invited(_join_form(routes.POST_ACCEPT_INVITE, _password()), _through_provider())),
        _invited(
            _join_form(
                routes.POST_ACCEPT_INVITE,
                PostedField.create(name="name", label="Your name", auto_complete="name", auto_focus=True),
                new_password_field(),
            ),
            _through_provider(),
        ),
    )


def _through_provider() -> rx.Component:
    return provider_buttons(carried=["token"])


def _invited(*ways: rx.Component) -> rx.Component:
    return plain(
        "Join " + InviteState.organization.to(str),
        rx.fragment(
            InviteState.invited_by, " invited ", rx.el.strong(InviteState.email), " as ", InviteState.role, "."
        ),
        *ways,
    )


def _join_form(action: str, *fields: rx.Component) -> rx.Component:
    return PostedForm.create(
        *fields,
        action=action,
        submit_label="Join",
        busy_label="Joining",
        sentences=SENTENCES,
        carried=["token"],
    )


def _for_somebody_else() -> rx.Component:
    return rx.fragment(
        rx.el.p("You are signed in with another address. Sign out, then open the link again."),
        PostForm.create(
            rx.el.button("Sign out", type="submit", class_name="button button-wide"), action=routes.POST_SIGN_OUT
        ),
    )


@rx.page(
    route=routes.NO_ORGANIZATION, title=f"No organization · {PRODUCT}", on_load=[LeavingState.load, WaysInState.load]
)
def no_organization() -> rx.Component:
    return plain(
        "You are in no organization",
        "Ask an owner to invite you, then open the link they send.",
        PostForm.create(
            rx.el.button("Sign out", type="submit", class_name="button button-wide"), action=routes.POST_SIGN_OUT
        ),
        nobodys_section(),
    )


@rx.page(route=routes.SET_PASSWORD, title=f"Choose a password · {PRODUCT}")
def set_password() -> rx.Component:
    return plain(
        "Choose a password",
        "You are signed in right after.",
        PostedForm.create(
            new_password_field(auto_focus=True),
            action=routes.POST_SET_PASSWORD,
            submit_label="Save and sign in",
            busy_label="Saving",
            sentences=SENTENCES,
            carried=["token"],
        ),
    )


def email_field(*, auto_focus: bool = False) -> rx.Component:
    """The address that one signs in with."""
    return PostedField.create(
        name="email", label="E-mail address", type="email", auto_complete="username", auto_focus=auto_focus
    )


def _password() -> rx.Component:
    return PostedField.create(name="password", label="Password", type="password", auto_complete="current-password")


def new_password_field(*, auto_focus: bool = False) -> rx.Component:
    """A password that is being chosen."""
    return PostedField.create(
        name="password",
        label="Password",
        type="password",
        auto_complete="new-password",
        hint=PASSWORD_HINT,
        min_length=MIN_PASSWORD,
        auto_focus=auto_focus,
    )
