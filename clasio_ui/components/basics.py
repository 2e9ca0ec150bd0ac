"""Buttons, badges, links, icons: the small pieces that every page is made of."""

from typing import Any

import reflex as rx

from clasio_ui.components.browser import Link

ICON = 16


def icon(name: str, **props: Any) -> rx.Component:
    """A decoration; what it means is said by the text beside it."""
    return rx.icon(name, size=ICON, **props)


def button(label: str | rx.Var, *, on_click: Any, symbol: str = "", kind: str = "", **props: Any) -> rx.Component:
    """`kind` is empty, `primary`, `quiet` or `danger`."""
    return rx.el.button(
        icon(symbol) if symbol else None,
        label,
        type="button",
        on_click=on_click,
        class_name=f"button button-{kind}" if kind else "button",
        **props,
    )


def icon_button(symbol: str, label: str | rx.Var, *, on_click: Any, **props: Any) -> rx.Component:
    return rx.el.button(
        icon(symbol),
        type="button",
        on_click=on_click,
        class_name="button button-icon",
        aria_label=label,
        title=label,
        **props,
    )


def link(label: Any, to: str | rx.Var, **props: Any) -> rx.Component:
    """A link inside text."""
    return Link.create(label, to=to, class_name="link", **props)


def link_button(label: str, to: str | rx.Var, *, symbol: str = "", kind: str = "") -> rx.Component:
    return Link.create(
        icon(symbol) if symbol else None, label, to=to, class_name=f"button button-{kind}" if kind else "button"
    )


def download_button(
    label: str, href: str | rx.Var, *, name: str = "", class_name: str = "", **props: Any
) -> rx.Component:
    """Fetches a file. Without `reload_document` Reflex's `a` goes to the address as if it were a page."""
    return rx.el.a(
        icon("download"),
        label,
        href=href,
        download=name,
        reload_document=True,
        class_name=f"button {class_name}".strip(),
        **props,
    )


def badge(label: str | rx.Var, *, symbol: str = "", tone: str = "", **props: Any) -> rx.Component:
    """A word with a mark; `tone` is empty, `plain`, `good`, `warn` or `bad` and never says anything alone."""
    return rx.el.span(
        icon(symbol) if symbol else None,
        label,
        class_name=f"badge badge-{tone}" if tone else "badge",
        **props,
    )


def set_by(source: rx.Var[str]) -> rx.Component:
    """Who set a value: AI (which one) or a person. Nothing when nobody did."""
    return rx.match(
        source,
        ("", rx.fragment()),
        ("You", badge("By hand", symbol="pencil", tone="plain", title="Set by a person. AI does not change it.")),
        badge(source, symbol="sparkles", tone="plain", title="Set by AI. Edit it to keep your own value."),
    )


def card(
    *children: rx.Component, title: str = "", action: rx.Component | None = None, anchor: str | None = None
) -> rx.Component:
    """`anchor` is what a link into the page names after `#`."""
    head = rx.el.div(rx.el.h2(title), action, class_name="card-head") if title else None
    return rx.el.section(head, *children, class_name="card", id=anchor)


def initial(name: rx.Var[str], *, of_person: bool = False) -> rx.Component:
    """The first letter of a name, as a mark."""
    return rx.el.span(name[0], class_name="initial initial-person" if of_person else "initial", aria_hidden="true")
