"""What surrounds the pages: sidebar, top bar, notices, uploads."""

from collections.abc import Callable, Iterable
from typing import Any

import reflex as rx

from clasio_ui import routes
from clasio_ui.components.basics import button, icon, initial
from clasio_ui.components.browser import (
    Connection,
    Day,
    KeySheet,
    KeySheetButton,
    Link,
    Menu,
    NavItem,
    Notice,
    PageFocus,
    Palette,
    PaletteButton,
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
from clasio_ui.state.leaving import LeavingState
from clasio_ui.state.palette import PaletteState

MAIN = "main"
PRODUCT = "Clasio"
_DAILY = (
    ("Overview", routes.OVERVIEW, "layout-dashboard", True),
    ("Documents", routes.DOCUMENTS, "files", False),
    ("Shared", routes.SHARED, "share-2", False),
    ("Activity", routes.ACTIVITY, "history", False),
)
_NOW_AND_THEN = (
    ("Usage", routes.USAGE, "gauge", False),
    ("Trash", routes.TRASH, "trash-2", False),
    ("Members", routes.MEMBERS, "users", False),
    ("Settings", routes.SETTINGS, "settings", False),
)
_QUARANTINE = ("Quarantine", routes.QUARANTINE, "shield-alert", False)
"""In the way only while something is in it, and an owner looks."""
_OPERATORS = (("Ops", routes.OPS, "server-cog", False),)
Page = Callable[[], rx.Component]
NavRow = tuple[str, str, str, bool]
"""Label, address, icon, and whether only exactly this address is the page."""


def screen(route: str, title: str, *, on_load: list[Any]) -> Callable[[Page], Page]:
    """Registers a page of the organization, inside the frame; `on_load` runs after the frame's own load.

    State outlives a page: what a dialog showed has to be closed by `on_load`.
    """

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
            rx.el.main(_banners(), content, id=MAIN, tab_index=-1, class_name="content"),
            class_name="frame",
        ),
        rx.el.div(_notices(), UploadTray.create(organization=FrameState.organization_id), class_name="corner"),
        _palette(),
        KeySheet.create(),
        Shortcuts.create(search_path=routes.SEARCH),
        PageFocus.create(target=MAIN),
    )


def _palette() -> rx.Component:
    def addresses(items: Iterable[NavRow]) -> list[dict[str, str]]:
        return [{"label": label, "to": to} for label, to, _, _ in items]

    pages = addresses((*_DAILY, ("Search", routes.SEARCH, "search", True), *_NOW_AND_THEN))
    return Palette.create(
        pages=rx.cond(FrameState.is_operator, [*pages, *addresses(_OPERATORS)], pages),
        organizations=FrameState.organizations,
        may_invite=FrameState.may_invite,
        found=PaletteState.found,
        found_for=PaletteState.found_for,
        search_path=routes.SEARCH,
        switch_path=routes.POST_SWITCH,
        sign_out_path=routes.POST_SIGN_OUT,
        on_query=PaletteState.find,
        on_invite=PaletteState.invite,
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
    return rx.el.div(
        _organization_menu(),
        rx.el.nav(
            *[_nav_item(*item) for item in _DAILY],
            rx.el.div(
                rx.el.hr(class_name="menu-line"),
                rx.cond(FrameState.quarantine_count > 0, _nav_item(*_QUARANTINE)),
                *[_nav_item(*item) for item in _NOW_AND_THEN],
                rx.cond(FrameState.is_operator, rx.fragment(*[_nav_item(*item) for item in _OPERATORS])),
                class_name="nav nav-second",
            ),
            class_name="nav",
            aria_label="Main",
        ),
        class_name="sidebar",
    )


def _nav_item(label: str, to: str, symbol: str, end: bool) -> rx.Component:  # a row of the table
    return NavItem.create(
        rx.icon(symbol, size=18), rx.el.span(label, class_name="nav-label"), _count(to), to=to, end=end, label=label
    )


def _count(to: str) -> rx.Component | None:
    """How many documents failed, or are in the trash or in quarantine; nothing while there are none."""
    counts = {
        routes.DOCUMENTS: (FrameState.failed_count, " failed"),
        routes.TRASH: (FrameState.trash_count, ""),
        routes.QUARANTINE: (FrameState.quarantine_count, ""),
    }
    if to not in counts:
        return None
    number, word = counts[to]
    return rx.cond(number > 0, rx.el.span(number.to(str), word, class_name="nav-count numbers"))


def _menu_link(label: str, to: str, symbol: str, _end: bool) -> rx.Component:
    """On a phone the lower part of the navigation is in the person's menu."""
    return Link.create(icon(symbol), label, to=to, class_name="menu-item")


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
        PaletteButton.create(),
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
        rx.el.div(
            rx.cond(FrameState.quarantine_count > 0, _menu_link(*_QUARANTINE)),
            *[_menu_link(*item) for item in _NOW_AND_THEN],
            rx.cond(FrameState.is_operator, rx.fragment(*[_menu_link(*item) for item in _OPERATORS])),
            rx.el.hr(class_name="menu-line"),
            class_name="only-phone",
        ),
        KeySheetButton.create(),
        PostForm.create(
            rx.el.button(icon("log-out"), "Sign out", type="submit", class_name="menu-item"),
            action=routes.POST_SIGN_OUT,
        ),
        label="You and your settings",
        side="right",
        button_class="person-button",
    )


def _banners() -> rx.Component:
    """On every page, while a deletion can still be called off."""
    return rx.fragment(
        rx.cond(
            FrameState.organization_due_on != "",
            _banner(
                "Deletion of the organization",
                rx.el.p(
                    FrameState.organization_name,
                    " will be deleted on ",
                    Day.create(on=FrameState.organization_due_on),
                    ". Uploads, shares and invites have stopped.",
                ),
                rx.cond(
                    FrameState.may_delete_organization,
                    button("Keep the organization", on_click=LeavingState.keep_organization),
                ),
            ),
        ),
        rx.cond(
            FrameState.account_due_on != "",
            _banner(
                "Deletion of your account",
                rx.el.p("Your account will be deleted on ", Day.create(on=FrameState.account_due_on), "."),
                button("Keep my account", on_click=LeavingState.keep_account),
            ),
        ),
    )


def _banner(label: str, sentence: rx.Component, action: rx.Component) -> rx.Component:
    return rx.el.section(icon("calendar-x"), sentence, action, class_name="banner banner-page", aria_label=label)


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
