"""What surrounds the pages: sidebar, top bar, notices, uploads."""

from collections.abc import Callable
from typing import Any

import reflex as rx

from clasio_ui import routes
from clasio_ui.components.basics import icon, initial
from clasio_ui.components.browser import (
    Connection,
    Link,
    Menu,
    NavItem,
    Notice,
    PageFocus,
    PostForm,
    SearchField,
    Shortcuts,
    ThemeButton,
    ThemeSwitch,
    UploadButton,
    UploadTray,
)
from clasio_ui.state.documents import DocumentsState
from clasio_ui.state.frame import FrameState

MAIN = "main"
PRODUCT = "Clasio"
_NAVIGATION = (
    ("Overview", routes.OVERVIEW, "layout-dashboard", True),
    ("Documents", routes.DOCUMENTS, "files", False),
)
Page = Callable[[], rx.Component]


def screen(route: str, title: str, *, on_load: list[Any]) -> Callable[[Page], Page]:
    """Registers a page of the organization, inside the frame; `on_load` runs after the frame's own load."""

    def register(content: Page) -> Page:
        @rx.page(route=route, title=f"{title} · {PRODUCT}", on_load=[FrameState.load, *on_load])
        def framed() -> rx.Component:
            return frame(title, content())

        return framed

    return register


def frame(title: str, content: rx.Component) -> rx.Component:
    return rx.fragment(
        rx.el.a("Skip to content", href=f"#{MAIN}", class_name="button skip"),
        rx.el.div(Connection.create(), class_name="banner-fixed"),
        rx.el.div(
            _sidebar(),
            _topbar(title),
            rx.el.main(content, id=MAIN, tab_index=-1, class_name="content"),
            class_name="frame",
        ),
        rx.el.div(_notices(), UploadTray.create(), class_name="corner"),
        Shortcuts.create(search_path=routes.SEARCH),
        PageFocus.create(target=MAIN),
    )


def plain(title: str, sentence: str | rx.Component, *children: rx.Component) -> rx.Component:
    """A page without the frame: sign-in, set-up, errors."""
    return rx.el.main(
        rx.el.div(
            rx.el.div(
                brand(),
                rx.el.h1(title),
                rx.el.p(sentence, class_name="quiet"),
                class_name="plain-head",
            ),
            *children,
            class_name="plain-card",
        ),
        Connection.create(),
        class_name="plain-page",
    )


def brand() -> rx.Component:
    return rx.el.div(
        rx.el.span("C", class_name="initial", aria_hidden="true"),
        PRODUCT,
        class_name="brand",
    )


def _sidebar() -> rx.Component:
    items = [
        NavItem.create(rx.icon(symbol, size=18), rx.el.span(label, class_name="nav-label"), to=to, end=end, label=label)
        for label, to, symbol, end in _NAVIGATION
    ]
    return rx.el.div(
        _organization_menu(),
        rx.el.nav(*items, class_name="nav", aria_label="Main"),
        class_name="sidebar",
    )


def _organization_menu() -> rx.Component:
    return Menu.create(
        rx.fragment(
            initial(FrameState.organization_name),
            rx.el.span(FrameState.organization_name, class_name="cut"),
            icon("chevrons-up-down"),
        ),
        rx.foreach(FrameState.organizations, _organization_choice),
        label="Organization",
        side="left",
        button_class="organization-button",
    )


def _organization_choice(organization: Any) -> rx.Component:
    return PostForm.create(
        rx.el.button(
            initial(organization.name),
            rx.el.span(organization.name, class_name="cut"),
            rx.cond(organization.is_current, icon("check")),
            type="submit",
            class_name="menu-item",
            aria_current=organization.is_current,
        ),
        action=routes.POST_SWITCH,
        fields={"organization_id": organization.id},
        key=organization.id,
    )


def _topbar(title: str) -> rx.Component:
    return rx.el.header(
        rx.el.div(_organization_menu(), class_name="topbar-organization"),
        rx.el.h1(title, class_name="cut"),
        SearchField.create(path=routes.SEARCH),
        Link.create(
            icon("search"),
            to=routes.SEARCH,
            class_name="button button-icon search-link",
            custom_attrs={"aria-label": "Search documents"},
        ),
        UploadButton.create(),
        ThemeButton.create(),
        _person_menu(),
        class_name="topbar",
    )


def _person_menu() -> rx.Component:
    return Menu.create(
        initial(FrameState.user_name, of_person=True),
        rx.el.div(
            rx.el.p(FrameState.user_name, class_name="strong cut"),
            rx.el.p(FrameState.user_email, class_name="quiet small cut"),
            class_name="menu-text",
        ),
        rx.el.div(
            rx.el.span("Theme", class_name="quiet small"), ThemeSwitch.create(), class_name="menu-text line-wide"
        ),
        rx.el.hr(class_name="menu-line"),
        PostForm.create(
            rx.el.button(icon("log-out"), "Sign out", type="submit", class_name="menu-item"),
            action=routes.POST_SIGN_OUT,
        ),
        label="You and your settings",
        side="right",
        button_class="person-button",
    )


def _notices() -> rx.Component:
    return rx.el.div(rx.foreach(FrameState.notices, _notice), class_name="notices", aria_live="polite")


def _notice(notice: Any) -> rx.Component:
    undo = rx.el.button(
        "Undo",
        type="button",
        class_name="button button-small",
        on_click=DocumentsState.undo_trash(notice.undo_id, notice.id),
    )
    return Notice.create(
        rx.cond(notice.undo_id != "", undo),
        tone=notice.tone,
        text=notice.text,
        on_dismiss=FrameState.dismiss(notice.id),
        key=notice.id,
    )
