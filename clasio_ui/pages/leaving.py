"""Leaving: the end of the settings, and the dialogs that say what goes and when."""

import reflex as rx

from clasio_ui import routes
from clasio_ui.components.basics import button, card, link
from clasio_ui.components.browser import Day, Dialog
from clasio_ui.components.forms import choice_field, danger_actions, text_field
from clasio_ui.pages.confirming import confirmation
from clasio_ui.state.frame import FrameState
from clasio_ui.state.leaving import LeavingState

CHOICES = (("stay", "Stay with the organization"), ("go", "Go with me"))
GO_HINT = (
    "If they go with you, what you uploaded is moved to the trash on that day. Owners can restore it for 30 days; then "
    "it is removed for good."
)
ACCOUNT_SENTENCE = (
    "Your name, address and password are removed. What you did stays in the activity, as done by a former member. You "
    "have 7 days to change your mind."
)


def leaving_section() -> rx.Component:
    """The end of the settings."""
    return rx.fragment(
        rx.cond(FrameState.may_delete_organization, _organization()),
        card(
            _choice(
                "account",
                ACCOUNT_SENTENCE,
                rx.fragment(
                    _export_first(),
                    " To leave this organization only, use the page ",
                    link("Members", routes.MEMBERS),
                    ".",
                ),
                FrameState.account_due_on,
            ),
            title="Your account",
        ),
        _account_dialog(),
        _organization_dialog(),
    )


def nobodys_section() -> rx.Component:
    """For somebody who is in no organization, or cannot enter it, and has no settings to look at."""
    return rx.cond(
        LeavingState.is_ready,
        rx.el.div(
            rx.cond(
                LeavingState.account_due_on != "",
                rx.fragment(
                    rx.el.p("Your account will be deleted on ", Day.create(on=LeavingState.account_due_on), "."),
                    button("Keep my account", on_click=LeavingState.keep_account),
                ),
                button("Delete my account", kind="quiet", on_click=LeavingState.ask_about_account),
            ),
            _account_dialog(),
            class_name="stack",
        ),
    )


def _organization() -> rx.Component:
    sentence = rx.fragment(
        "Every document, share and member of ",
        FrameState.organization_name,
        " goes for good. You have 7 days to change your mind.",
    )
    return card(
        _choice("organization", sentence, _export_first(), FrameState.organization_due_on),
        title="Delete the organization",
    )


def _choice(what: str, sentence: str | rx.Component, more: rx.Component, due_on: rx.Var[str]) -> rx.Component:
    ask, keep, name = {
        "account": (LeavingState.ask_about_account, LeavingState.keep_account, "my account"),
        "organization": (LeavingState.ask_about_organization, LeavingState.keep_organization, "the organization"),
    }[what]
    return rx.el.div(
        rx.cond(
            due_on != "",
            rx.fragment(
                rx.el.p("It will be deleted on ", Day.create(on=due_on), "."),
                rx.el.div(button(f"Keep {name}", on_click=keep)),
            ),
            rx.fragment(
                rx.el.p(sentence, class_name="quiet"),
                rx.el.p(more, class_name="quiet"),
                rx.el.div(button(f"Delete {name}", kind="danger", on_click=ask)),
            ),
        ),
        class_name="card-body stack",
    )


def _export_first() -> rx.Component:
    return rx.fragment(link("Export", routes.exports_path()), " what you want to keep first.")


def _account_dialog() -> rx.Component:
    is_open = LeavingState.asking == "account"
    return Dialog.create(
        rx.cond(is_open, rx.cond(LeavingState.refusal != "", _refused(), _account_form())),
        is_open=is_open,
        title="Delete your account",
        on_close=LeavingState.close,
    )


def _refused() -> rx.Component:
    return rx.fragment(
        rx.el.p(LeavingState.refusal),
        rx.el.div(button("Close", on_click=LeavingState.close), class_name="dialog-actions"),
    )


def _account_form() -> rx.Component:
    return rx.el.form(
        rx.el.p(
            "In 7 days you cannot sign in any more, and your API tokens, shares and invites end. Until then you can "
            "work as before, and keep your account."
        ),
        rx.cond(
            LeavingState.fates.length() > 0,
            rx.el.ul(rx.foreach(LeavingState.fates, _fate), class_name="list dialog-list"),
        ),
        rx.cond(
            LeavingState.others_stay,
            choice_field("documents", "Your documents", CHOICES, of="account", hint=GO_HINT),
        ),
        confirmation("account", LeavingState.error),
        danger_actions(LeavingState.close, "Delete my account"),
        on_submit=LeavingState.delete_account,
        class_name="form",
    )


def _fate(organization: rx.Var) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.p(rx.el.strong(organization.name)),
            rx.el.p(organization.sentence, class_name=rx.cond(organization.is_deleted, "field-error", "quiet small")),
            class_name="list-text",
        ),
        class_name="list-item",
        key=organization.id,
    )


def _organization_dialog() -> rx.Component:
    is_open = LeavingState.asking == "organization"
    return Dialog.create(
        rx.cond(is_open, _organization_form()),
        is_open=is_open,
        title="Delete " + LeavingState.organization,
        on_close=LeavingState.close,
    )


def _organization_form() -> rx.Component:
    return rx.el.form(
        rx.el.p(
            "In 7 days everything in it is removed for good: documents, their text and analyses, shares, members, "
            "activity. Every owner is told by mail, and can keep the organization until then."
        ),
        rx.el.p(
            "Until then everything can be read, downloaded and exported. Uploads, shares and invites stop now, and "
            "links to shared documents are closed."
        ),
        text_field(
            "name",
            rx.fragment("Type ", rx.el.strong(LeavingState.organization), " to confirm"),
            of="deletion",
            error=LeavingState.name_error,
            max_length=200,
            required=True,
            auto_focus=True,
        ),
        confirmation("deletion", LeavingState.error),
        danger_actions(LeavingState.close, "Delete the organization"),
        on_submit=LeavingState.delete_organization,
        class_name="form",
    )
