"""The dialog that opens one document to somebody."""

import reflex as rx

from clasio_ui.components.basics import button
from clasio_ui.components.browser import CopyField, Dialog
from clasio_ui.components.forms import choice_field, form_actions, text_field
from clasio_ui.state.sharing import ShareDialogState

ACCESS = (("viewer", "View and download"), ("editor", "Also edit its details"))


def share_dialog() -> rx.Component:
    is_open = ShareDialogState.document_id != ""
    return Dialog.create(
        rx.cond(is_open, rx.cond(ShareDialogState.link != "", _shared(), _form())),
        is_open=is_open,
        title="Share " + ShareDialogState.document_name,
        on_close=ShareDialogState.close,
    )


def _form() -> rx.Component:
    at_a_field = rx.Var.create(["email", "password"]).contains(ShareDialogState.error_field)
    return rx.el.form(
        text_field(
            "email",
            "Send to",
            of="share",
            error=_error_at("email"),
            type="email",
            auto_focus=True,
            hint="An e-mail address. Leave it empty to get a link that you pass on yourself.",
        ),
        choice_field("access", "They may", ACCESS, of="share"),
        choice_field(
            "days",
            "For",
            rx.foreach(ShareDialogState.days, lambda day: rx.el.option(day[1], value=day[0])),
            of="share",
            default_value=ShareDialogState.default_days,
        ),
        text_field(
            "password",
            "Password",
            of="share",
            error=_error_at("password"),
            type="password",
            max_length=256,
            auto_complete="new-password",
            hint="Optional, 8 characters at least. Tell it to them in another way.",
        ),
        rx.el.div(
            rx.cond(
                (ShareDialogState.error != "") & ~at_a_field, rx.el.p(ShareDialogState.error, class_name="form-error")
            ),
            role="alert",
        ),
        form_actions(ShareDialogState.close, "Share"),
        on_submit=ShareDialogState.share,
        class_name="form",
    )


def _error_at(field: str) -> rx.Var[str]:
    return rx.cond(ShareDialogState.error_field == field, ShareDialogState.error, "")


def _shared() -> rx.Component:
    to = ShareDialogState.sent_to
    return rx.fragment(
        rx.cond(
            ShareDialogState.is_mailed,
            rx.el.p("The link is on its way to ", to, "."),
            rx.cond(
                to != "",
                rx.el.p("No mail server is set up, so pass this link on to ", to, " yourself."),
                rx.el.p("Whoever has this link can open the document."),
            ),
        ),
        CopyField.create(value=ShareDialogState.link, label="Link"),
        rx.el.p("It is shown this once. You can revoke the share at any time.", class_name="quiet small"),
        rx.el.div(button("Done", kind="primary", on_click=ShareDialogState.close), class_name="dialog-actions"),
    )
