"""What a document's page shows of the document itself: its pages, or its text."""

import reflex as rx

from clasio_ui.components.basics import badge
from clasio_ui.components.browser import Viewer
from clasio_ui.components.screens import empty
from clasio_ui.state.document import DocumentState


def reading() -> rx.Component:
    """The pages where there are pictures of them, with their text one click away; else the text."""
    shows_text = DocumentState.shows_text
    pages = Viewer.create(
        url=DocumentState.view.pages_url,
        name=DocumentState.view.item.name,
        query=DocumentState.q,
        first=DocumentState.first_hit,
        total=DocumentState.view.page_count,
    )
    return rx.cond(
        DocumentState.view.pages_url == "",
        _text(),
        rx.el.div(
            rx.el.div(_way("Pages", ~shows_text), _way("Text", shows_text), class_name="line", role="group"),
            rx.cond(shows_text, _text(), pages),
            class_name="stack-tight view-side",
        ),
    )


def _way(label: str, is_chosen: rx.Var[bool]) -> rx.Component:
    return rx.el.button(
        label,
        type="button",
        class_name="view-way",
        aria_pressed=is_chosen,
        on_click=rx.cond(is_chosen, rx.noop(), DocumentState.switch_text()),
    )


def _text() -> rx.Component:
    return rx.el.div(
        rx.cond(
            DocumentState.pages.length() > 0,
            rx.fragment(
                rx.foreach(DocumentState.pages, _page),
                rx.cond(
                    DocumentState.is_text_cut,
                    rx.el.p("The rest of the text is in the download.", class_name="card-body quiet"),
                ),
            ),
            _no_text(),
        ),
        class_name="card",
    )


def _page(text: rx.Var, index: rx.Var) -> rx.Component:
    return rx.el.div(
        rx.cond(DocumentState.pages.length() > 1, badge("Page " + (index + 1).to(str), tone="plain")),
        rx.el.p(text),
        class_name="paper",
        key=index,
    )


def _no_text() -> rx.Component:
    item = DocumentState.view.item
    return rx.cond(
        item.outcome == "pending",
        rx.cond(
            DocumentState.view.is_open,
            empty("loader", "The text is being read", "It appears here by itself, usually within seconds."),
            empty("shield", "Not scanned yet", rx.cond(item.error != "", item.error, "It opens when it was scanned.")),
        ),
        empty(
            "file-x",
            rx.cond(DocumentState.view.is_caught, "In quarantine", "No text was found"),
            rx.cond(item.error != "", item.error, "The document stays findable by its name."),
        ),
    )
