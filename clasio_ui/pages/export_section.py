"""The section "Export" of the settings page."""

import reflex as rx

from clasio_ui.components.basics import button, card, download_button, icon, icon_button
from clasio_ui.components.browser import Dialog, When
from clasio_ui.components.facts import lines_skeleton
from clasio_ui.components.screens import switch
from clasio_ui.state.exports import ExportsState

ON_LOAD = (ExportsState.load, ExportsState.watch)
SKELETON_LINES = 2


def export_section() -> rx.Component:
    return card(
        switch(
            rx.fragment(_start(), _list()),
            is_loading=ExportsState.is_loading,
            skeleton=lines_skeleton("Loading the exports", SKELETON_LINES),
            error=ExportsState.error,
            error_id=ExportsState.error_id,
            on_retry=ExportsState.load,
        ),
        _dialog(),
        title="Export",
        anchor="export",
    )


def _start() -> rx.Component:
    return rx.el.div(
        rx.el.p(
            "One ZIP file with documents, their text and values, analyses and history. It is made in the background and"
            " kept for 7 days.",
            rx.cond(
                ExportsState.may_export_all,
                rx.fragment(" The export of the organization can be imported into another Clasio."),
            ),
            class_name="quiet",
        ),
        rx.el.div(
            button("Export my data", on_click=ExportsState.start_own, symbol="user"),
            rx.cond(
                ExportsState.may_export_all,
                button("Export the organization", on_click=ExportsState.start_organization, symbol="building-2"),
            ),
            class_name="toolbar",
        ),
        class_name="card-body stack-tight",
    )


def _list() -> rx.Component:
    return rx.cond(
        ExportsState.items.length() > 0,
        rx.el.ul(rx.foreach(ExportsState.items, _export), class_name="list", aria_label="Exports"),
    )


def _export(item: rx.Var) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.p(
                item.subject,
                rx.el.span(" by ", item.who, ", ", When.create(at=item.created_at), class_name="quiet small"),
            ),
            rx.match(
                item.state,
                ("running", _progress(item)),
                ("waiting", rx.el.p("Waiting for its turn", class_name="quiet small")),
                ("ready", _facts(item)),
                rx.el.p(icon("circle-x"), " ", item.note, class_name="small line"),
            ),
            class_name="list-text",
        ),
        rx.el.div(
            rx.match(
                item.state,
                (
                    "ready",
                    download_button("Download", item.href, aria_label="Download the export: " + item.subject.to(str)),
                ),
                ("failed", rx.fragment()),
                button("Cancel", on_click=ExportsState.cancel(item.id)),
            ),
            rx.cond(
                (item.state == "ready") | (item.state == "failed"),
                icon_button("trash-2", "Remove the export", on_click=ExportsState.ask(item.id)),
            ),
            class_name="line",
        ),
        class_name="list-item list-item-wraps",
        key=item.id,
    )


def _progress(item: rx.Var) -> rx.Component:
    return rx.el.div(
        rx.el.progress(value=item.done, max=item.total, class_name="bar", aria_label="Documents exported"),
        rx.el.p(item.progress, class_name="quiet small numbers", role="status"),
        class_name="stack-tight",
    )


def _facts(item: rx.Var) -> rx.Component:
    return rx.el.p(
        item.size,
        " · ",
        item.until,
        rx.cond(item.note != "", rx.fragment(" · ", item.note)),
        class_name="quiet small numbers",
    )


def _dialog() -> rx.Component:
    return Dialog.create(
        rx.el.p("Its file is deleted, and nobody can download it any more. You can start another export at any time."),
        rx.el.div(
            button("Keep it", on_click=ExportsState.keep),
            button("Remove the export", on_click=ExportsState.remove, kind="danger"),
            class_name="dialog-actions",
        ),
        is_open=ExportsState.removing != "",
        title="Remove the export",
        on_close=ExportsState.keep,
    )
