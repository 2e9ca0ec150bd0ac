import reflex as rx

from clasio_ui import routes
from clasio_ui.components.basics import button, download_button, icon
from clasio_ui.components.browser import Check, RowKeys, UploadButton
from clasio_ui.components.documents import document_row, document_rows_skeleton
from clasio_ui.components.lists import filter_chip, pager, select, selection_bar, sort_button
from clasio_ui.components.meters import limit_banners
from clasio_ui.components.screens import empty, switch
from clasio_ui.layout import screen
from clasio_ui.pages.analysing_dialog import analysing_dialog
from clasio_ui.state.analysing import AnalysingState
from clasio_ui.state.documents import DocumentsState
from clasio_ui.state.frame import FrameState
from clasio_ui.state.rows import DocumentItem

OUTCOMES = (
    ("pending", "In work"),
    ("failed", "Failed"),
    ("skipped", "Not analysed"),
    ("unreadable", "Not readable"),
    ("infected", "Infected"),
)


@screen(routes.DOCUMENTS, "Documents", on_load=[AnalysingState.close, DocumentsState.load, DocumentsState.watch])
def documents() -> rx.Component:
    """The list: filters in the URL, selection, live stages."""
    return rx.el.div(
        limit_banners(DocumentsState.limits),
        rx.cond(
            DocumentsState.progress != "",
            rx.el.div(
                icon("sparkles"),
                rx.el.p(DocumentsState.progress, class_name="list-text"),
                class_name="line banner",
                role="status",
            ),
        ),
        _toolbar(),
        selection_bar(
            DocumentsState.selected_count,
            button("Move to trash", symbol="trash-2", on_click=DocumentsState.trash_selected),
            _zip("Download", DocumentsState.selected_as_zip),
            button("Analyse", symbol="sparkles", on_click=AnalysingState.ask("selected")),
            button("Try again", symbol="rotate-cw", on_click=DocumentsState.retry_selected),
            on_clear=DocumentsState.clear_selection,
        ),
        switch(
            rx.cond(DocumentsState.items.length() > 0, _table(), _empty()),
            is_loading=DocumentsState.is_loading,
            skeleton=rx.el.div(document_rows_skeleton(), class_name="card"),
            error=DocumentsState.error,
            error_id=DocumentsState.error_id,
            on_retry=DocumentsState.load,
        ),
        pager(
            DocumentsState.page_number,
            has_next=DocumentsState.next_cursor != "",
            on_previous=DocumentsState.previous_page,
            on_next=DocumentsState.next_page,
        ),
        analysing_dialog(),
        class_name="stack",
    )


def _toolbar() -> rx.Component:
    return rx.el.div(
        select(
            "Category",
            rx.fragment(
                rx.el.option("All categories", value=""),
                rx.foreach(FrameState.categories, lambda name: rx.el.option(name, value=name, key=name)),
            ),
            value=DocumentsState.category,
            on_change=lambda value: DocumentsState.set_filter("category", value),
        ),
        select(
            "State",
            rx.fragment(
                rx.el.option("All states", value=""),
                *[rx.el.option(label, value=value) for value, label in OUTCOMES],
            ),
            value=DocumentsState.outcome,
            on_change=lambda value: DocumentsState.set_filter("outcome", value),
        ),
        rx.foreach(DocumentsState.filters, _chip),
        rx.cond(
            DocumentsState.filters.length() > 1,
            button("Clear all", on_click=DocumentsState.clear_filters, kind="quiet"),
        ),
        rx.cond(
            DocumentsState.is_filtered & (DocumentsState.items.length() > 0),
            rx.fragment(
                _zip("Download all", DocumentsState.filtered_as_zip),
                button("Analyse all", symbol="sparkles", on_click=AnalysingState.ask("filtered")),
            ),
        ),
        class_name="toolbar",
    )


def _zip(label: str, href: rx.Var[str]) -> rx.Component:
    return download_button(label, href, name="documents.zip")


def _chip(filter_: rx.Var) -> rx.Component:
    return filter_chip(filter_[1], on_remove=DocumentsState.set_filter(filter_[0], ""))


def _table() -> rx.Component:
    return rx.el.div(_head(), RowKeys.create(rx.foreach(DocumentsState.items, _row)), class_name="card")


def _head() -> rx.Component:
    def sort(label: str, first: str, second: str) -> rx.Component:
        return sort_button(label, DocumentsState.sort, first=first, second=second, on_sort=DocumentsState.set_sort)

    all_selected = DocumentsState.selected_count == DocumentsState.items.length()
    return rx.el.div(
        Check.create(
            label="Select all on this page",
            is_checked=all_selected,
            is_mixed=(DocumentsState.selected_count > 0) & ~all_selected,
            on_toggle=DocumentsState.toggle_all,
        ),
        rx.el.span(class_name="not-phone"),
        rx.el.div(sort("Name", "name", "name_reversed")),
        rx.el.div("Category", class_name="wide"),
        rx.el.div("Stage", class_name="not-phone"),
        rx.el.div(sort("Added", "newest", "oldest"), class_name="not-phone row-end"),
        rx.el.div(sort("Size", "largest", "smallest"), class_name="wide row-end"),
        class_name="row row-head",
    )


def _row(item: rx.Var) -> rx.Component:
    return list_row(item=item, is_selected=DocumentsState.selected.contains(item.id), key=item.id)


@rx.memo
def list_row(item: rx.Var[DocumentItem], is_selected: rx.Var[bool]) -> rx.Component:
    """Drawn again only when it changed: drawing all fifty rows for one tick takes the browser 40 ms."""
    return document_row(item, is_selected=is_selected, on_toggle=DocumentsState.toggle(item.id))


def _empty() -> rx.Component:
    nothing_fits = empty(
        "search-x",
        "No document fits these filters",
        "Remove a filter to see more.",
        button("Clear the filters", on_click=DocumentsState.clear_filters),
    )
    nothing_yet = empty(
        "file-up",
        "No documents yet",
        "Drop files anywhere on this page. They are read and findable within seconds.",
        UploadButton.create(label="Upload documents"),
    )
    return rx.el.div(rx.cond(DocumentsState.is_filtered, nothing_fits, nothing_yet), class_name="card")
