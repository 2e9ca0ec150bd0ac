import reflex as rx

from clasio_ui import routes
from clasio_ui.components.browser import When
from clasio_ui.components.facts import lines_skeleton
from clasio_ui.components.screens import empty, switch
from clasio_ui.layout import screen
from clasio_ui.pages.ops_frame import for_operators
from clasio_ui.state.outbox import OutboxState


@screen(routes.OUTBOX, "Outbox", on_load=[OutboxState.load])
def outbox() -> rx.Component:
    """Messages that wait because no mail server is set."""
    return for_operators(
        routes.OUTBOX,
        OutboxState.is_missing,
        switch(
            rx.cond(
                OutboxState.mails.length() > 0,
                rx.el.div(rx.foreach(OutboxState.mails, _mail), class_name="stack"),
                rx.el.div(_empty(), class_name="card"),
            ),
            is_loading=OutboxState.is_loading,
            skeleton=rx.el.div(lines_skeleton("Loading messages", 3), class_name="card"),
            error=OutboxState.error,
            error_id=OutboxState.error_id,
            on_retry=OutboxState.load,
        ),
    )


def _empty() -> rx.Component:
    return empty(
        "mail-check",
        "No messages wait here",
        rx.cond(
            OutboxState.has_server,
            "A mail server is set, so messages are sent at once.",
            "Without a mail server (SMTP_URL) messages are kept here for 30 days, for you to pass on.",
        ),
    )


def _mail(mail: rx.Var) -> rx.Component:
    return rx.el.article(
        rx.el.div(
            rx.el.h2(mail.subject, class_name="cut"),
            rx.el.span(When.create(at=mail.at), class_name="quiet small"),
            class_name="card-head",
        ),
        rx.el.div(
            rx.el.p("To ", mail.to_address, class_name="quiet small"),
            rx.el.p(mail.text, class_name="mail-text"),
            class_name="card-body stack-tight",
        ),
        class_name="card",
        key=mail.id,
    )
