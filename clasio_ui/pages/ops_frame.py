"""What the pages of Ops have in common."""

import reflex as rx

from clasio_ui import routes
from clasio_ui.components.browser import Link
from clasio_ui.components.screens import empty

TABS = (("Work", routes.OPS), ("Security", routes.OPS_SECURITY), ("Outbox", routes.OUTBOX))


def for_operators(here: str, is_missing: rx.Var[bool], *content: rx.Component) -> rx.Component:
    """One of the pages of Ops; to everybody else it does not exist."""
    tabs = [
        Link.create(
            label,
            to=to,
            class_name="tab",
            custom_attrs={"aria-current": "page"} if to == here else {},
        )
        for label, to in TABS
    ]
    return rx.cond(
        is_missing,
        rx.el.div(
            empty("file-question", "This page does not exist", "Or you have no access to it."), class_name="card"
        ),
        rx.el.div(rx.el.nav(*tabs, class_name="tabs", aria_label="Ops"), *content, class_name="stack"),
    )
