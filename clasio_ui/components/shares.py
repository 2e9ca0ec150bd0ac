"""A share in a list: to whom, what they may do, when it was opened, how long it stays open."""

from typing import Any

import reflex as rx

from clasio_ui.components.basics import badge, icon_button, link
from clasio_ui.components.browser import When


def share_line(
    share: Any, *, on_revoke: Any, on_show: Any, end: rx.Component | None = None, with_document: bool = False
) -> rx.Component:
    """`end` stands in for the words that say when the share ends."""
    who = rx.fragment(share.whom, " · ", share.access, " · by ", share.shared_by)
    return rx.el.li(
        rx.el.div(
            rx.el.p(link(share.document_name, share.document_href, custom_attrs={"data-open": ""}), class_name="cut")
            if with_document
            else None,
            rx.el.p(who, class_name="quiet small" if with_document else ""),
            rx.el.p(_opened(share, on_show), class_name="quiet small"),
            class_name="list-text",
        ),
        rx.el.div(
            rx.cond(share.has_password, badge("Password", symbol="lock", tone="plain")),
            end or until_badge(share),
            rx.cond(
                share.may_revoke,
                icon_button("x", "Revoke the share with " + share.whom, on_click=on_revoke),
            ),
            class_name="line",
        ),
        class_name="list-item list-item-wraps",
        custom_attrs={"data-row": share.id},
        key=share.id,
    )


def until_badge(share: Any) -> rx.Component:
    return rx.cond(
        share.ends_soon,
        badge(share.until, symbol="clock", tone="warn"),
        badge(share.until, symbol="clock", tone="plain"),
    )


def _opened(share: Any, on_show: Any) -> rx.Component:
    return rx.cond(
        share.last_opened_at != "",
        rx.el.button(
            share.opened,
            ", last ",
            When.create(at=share.last_opened_at),
            type="button",
            class_name="link-button",
            on_click=on_show,
        ),
        share.opened,
    )
