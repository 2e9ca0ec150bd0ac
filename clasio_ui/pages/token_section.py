"""The section "API tokens" of the settings page."""

import reflex as rx

from clasio_ui.components.basics import button, card, icon, icon_button
from clasio_ui.components.browser import CopyField, Dialog, When
from clasio_ui.components.facts import lines_skeleton
from clasio_ui.components.forms import choice_field, form_actions, text_field
from clasio_ui.components.screens import switch
from clasio_ui.state.tokens import NO_END, SCOPES, TokensState

ON_LOAD = (TokensState.load, TokensState.watch)
MAY = tuple((scope.value, words) for scope, words in SCOPES.items())
ENDS = (("30", "In 30 days"), ("90", "In 90 days"), ("365", "In a year"), (NO_END, "Never"))


def token_section() -> rx.Component:
    return rx.fragment(
        card(
            switch(
                _tokens(),
                is_loading=TokensState.is_loading,
                skeleton=lines_skeleton("Loading the tokens", 2),
                error=TokensState.error,
                error_id=TokensState.error_id,
                on_retry=TokensState.load,
            ),
            title="API tokens",
            anchor="tokens",
        ),
        Dialog.create(_form(), is_open=TokensState.is_making, title="New API token", on_close=TokensState.close),
        _new_token_dialog(),
    )


def _tokens() -> rx.Component:
    return rx.fragment(
        rx.el.div(
            rx.el.p(
                "A program that uses the API acts in your name, in this organization. Revoke a token that you do not"
                " know.",
                class_name="quiet",
            ),
            rx.el.div(button("New token", on_click=TokensState.ask, symbol="plus"), class_name="toolbar"),
            class_name="card-body stack-tight",
        ),
        rx.cond(
            TokensState.tokens.length() > 0,
            rx.el.ul(rx.foreach(TokensState.tokens, _token), class_name="list", aria_label="API tokens"),
        ),
    )


def _token(token: rx.Var) -> rx.Component:
    used = rx.cond(
        token.last_used_at != "", rx.fragment("last used ", When.create(at=token.last_used_at)), "never used"
    )
    until = rx.cond(token.is_expired, rx.fragment(icon("circle-x"), " ", token.until), token.until)
    return rx.el.li(
        rx.el.div(
            rx.el.p(token.name, " ", rx.el.code("…" + token.hint.to(str), class_name="quiet")),
            rx.el.p(token.may, " · ", until, class_name="small"),
            rx.el.p("Made ", When.create(at=token.created_at), ", ", used, class_name="quiet small"),
            class_name="list-text",
        ),
        icon_button("x", "Revoke the token " + token.name, on_click=TokensState.revoke_token(token.id)),
        class_name="list-item",
        key=token.id,
    )


def _form() -> rx.Component:
    return rx.el.form(
        text_field(
            "name",
            "Name",
            of="token",
            hint="Such as the program that uses it.",
            error=_error_at("name"),
            max_length=100,
            required=True,
        ),
        choice_field(
            "scope",
            "It may do",
            MAY,
            of="token",
            hint="Read only changes nothing. Add documents only uploads, and sees how far your documents are.",
            error=_error_at("scope"),
        ),
        choice_field(
            "expires_in_days",
            "It ends",
            ENDS,
            of="token",
            error=_error_at("expires_in_days"),
            default_value="90",
        ),
        form_actions(TokensState.close, "Create token"),
        on_submit=TokensState.create_token,
        class_name="form",
    )


def _error_at(field: str) -> rx.Var[str]:
    return rx.cond(TokensState.error_field == field, TokensState.form_error, "")


def _new_token_dialog() -> rx.Component:
    return Dialog.create(
        CopyField.create(value=TokensState.new_token, label="API token"),
        rx.el.p("It is shown this once. Keep it where passwords are kept.", class_name="quiet small"),
        rx.el.div(button("Done", kind="primary", on_click=TokensState.forget_token), class_name="dialog-actions"),
        is_open=TokensState.new_token != "",
        title="Your new token",
        on_close=TokensState.forget_token,
    )
