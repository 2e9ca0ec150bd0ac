import reflex as rx

from clasio_ui import routes
from clasio_ui.components.basics import button, card
from clasio_ui.components.browser import Link, RowKeys, SearchField, When
from clasio_ui.components.documents import stage_badge, thumbnail
from clasio_ui.components.lists import filter_chip
from clasio_ui.components.screens import bone, empty, loading, switch
from clasio_ui.layout import screen
from clasio_ui.state.search import SearchState

SKELETON_HITS = 5


@screen(routes.SEARCH, "Search", on_load=[SearchState.load, SearchState.watch])
def search() -> rx.Component:
    """Hits with the passage that matches; filters with their counts."""
    return rx.el.div(
        rx.el.div(SearchField.create(path=routes.SEARCH), class_name="only-narrow"),
        rx.cond(
            SearchState.q == "",
            _how_to(),
            switch(
                _found(),
                is_loading=SearchState.is_loading,
                skeleton=_skeleton(),
                error=SearchState.error,
                error_id=SearchState.error_id,
                on_retry=SearchState.load,
            ),
        ),
        class_name="stack",
    )


def _how_to() -> rx.Component:
    return rx.el.div(
        empty(
            "search",
            "Search the whole organization",
            'Words in any order, "an exact phrase", or -word to leave something out. The text of documents counts too.',
        ),
        class_name="card",
    )


def _found() -> rx.Component:
    return rx.el.div(
        rx.el.div(
            _summary(),
            rx.cond(
                SearchState.hits.length() > 0,
                rx.fragment(
                    rx.el.div(RowKeys.create(rx.foreach(SearchState.hits, _hit)), class_name="card"),
                    rx.cond(
                        SearchState.next_cursor != "",
                        rx.el.div(button("Show more", on_click=SearchState.more), class_name="state-actions"),
                    ),
                ),
                _nothing(),
            ),
            class_name="stack",
        ),
        rx.cond(SearchState.hits.length() > 0, _facets()),
        class_name="grid-aside",
    )


def _summary() -> rx.Component:
    count = rx.cond(SearchState.total == 1, "1 document", SearchState.total.to(str) + " documents")
    return rx.el.div(
        rx.el.p(count, " for “", rx.el.span(SearchState.q, class_name="strong"), "”", role="status"),
        _chip("category", SearchState.category),
        _chip("type", SearchState.type),
        class_name="toolbar",
    )


def _chip(name: str, value: rx.Var[str]) -> rx.Component:
    return rx.cond(value != "", filter_chip(value, on_remove=SearchState.narrow(name, "")))


def _hit(hit: rx.Var) -> rx.Component:
    item = hit.item
    return rx.el.div(
        thumbnail(item, is_large=True),
        rx.el.div(
            Link.create(
                rx.foreach(hit.name, _part), to=item.href, class_name="hit-name", custom_attrs={"data-open": ""}
            ),
            rx.el.p(rx.foreach(hit.snippet, _part), class_name="hit-snippet"),
            rx.el.div(
                rx.cond(item.category != "", rx.el.span(item.category)),
                rx.el.span(item.type_label),
                When.create(at=item.created_at),
                class_name="line wrap quiet small",
            ),
            class_name="stack-tight list-text",
        ),
        rx.el.div(stage_badge(item), class_name="not-phone"),
        class_name="hit",
        custom_attrs={"data-row": item.id},
        key=item.id,
    )


def _part(part: rx.Var) -> rx.Component:
    return rx.cond(part.marked, rx.el.mark(part.text), rx.el.span(part.text))


def _facets() -> rx.Component:
    return rx.el.aside(
        rx.cond(SearchState.categories.length() > 0, _facet_card("Category", "category")),
        rx.cond(SearchState.types.length() > 0, _facet_card("Format", "type")),
        class_name="stack",
        aria_label="Filters",
    )


def _facet_card(label: str, name: str) -> rx.Component:
    facets = SearchState.categories if name == "category" else SearchState.types
    chosen = SearchState.category if name == "category" else SearchState.type

    def one(facet: rx.Var) -> rx.Component:
        return rx.el.li(
            rx.el.button(
                rx.el.span(facet.value, class_name="cut"),
                rx.el.span(facet.hits, class_name="quiet numbers"),
                type="button",
                class_name="facet",
                aria_pressed=chosen == facet.value,
                on_click=SearchState.narrow(name, rx.cond(chosen == facet.value, "", facet.value)),
            ),
            key=facet.value,
        )

    return card(rx.el.ul(rx.foreach(facets, one), class_name="facets"), title=label)


def _nothing() -> rx.Component:
    narrowed = (SearchState.category != "") | (SearchState.type != "")
    return rx.el.div(
        rx.cond(
            narrowed,
            empty("search-x", "No document fits the query and the filters", "Remove a filter to see more."),
            empty(
                "search-x",
                "No document fits this query",
                "Check the spelling, use fewer words, or only the beginning of a word.",
            ),
        ),
        class_name="card",
    )


def _skeleton() -> rx.Component:
    hit = rx.el.div(
        bone("", "thumb-large"),
        rx.el.div(bone("w-40"), bone("w-100"), bone("w-20"), class_name="stack-tight list-text"),
        class_name="hit",
    )
    return rx.el.div(
        rx.el.div(
            rx.el.div(bone("w-20"), class_name="toolbar"),
            rx.el.div(loading("Searching", *[hit] * SKELETON_HITS), class_name="card"),
            class_name="stack",
        ),
        class_name="grid-aside",
    )
