"""Whatever is typed is an answer, never an error."""

from contextlib import suppress

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from clasio_backend.core.cursors import encode_cursor
from clasio_backend.core.errors import ValidationFailed
from clasio_backend.core.ids import new_id
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.documents.words import searchable, words_of
from clasio_backend.search.query import parse_query
from clasio_backend.search.schemas import SearchQuery
from clasio_backend.search.service import search_documents
from tests import factories
from tests.cast import Actor

SYNTAX = ["'", '"', "\\", ":*", "&", "|", "!", "<->", "(", ")", "-", "--", ";", "%", "_", "$$", "/*", "DROP TABLE jobs"]
LETTERS = ["\x00", "\u202e", "\ud7ff", "\u02bc", "\U0001d518", "\u0130", "\ufb01", "a\u0301", "ß", "山", "½", "secret"]
PIECES = st.sampled_from(SYNTAX + LETTERS)
TYPED = st.one_of(st.text(max_size=60), st.lists(PIECES, max_size=12).map("".join), st.lists(PIECES).map(" ".join))


@settings(max_examples=250)
@given(q=TYPED)
@example(q="'" * 400)
@example(q='"' * 399)
@example(q="a " * 200)
@example(q="x" * 400)
def test_any_query_is_answered(other_tenant: Actor, q: str) -> None:
    with unit_of_work(other_tenant.scope) as uow:
        page = search_documents(uow, SearchQuery(q=q[:400]))
    assert page.total >= len(page.items) >= 0


@settings(max_examples=300)
@given(text=TYPED)
def test_what_is_stored_is_found_by_typing_it(text: str) -> None:
    """The same folding on both sides: each word of a text is among the words that a query for it asks for."""
    parsed = parse_query(f'"{text.replace(chr(34), " ")}"')
    assert list(parsed.words) == list(dict.fromkeys(words_of(text.replace('"', " "))))
    assert all(word.isalnum() or not word.isascii() for word in searchable(text).split())


@settings(max_examples=150)
@given(cursor=TYPED | st.builds(lambda value: encode_cursor(value, new_id()), TYPED))
@example(cursor=encode_cursor("ffffffff", new_id()))
@example(cursor=encode_cursor("7fc00000", new_id()))
@example(cursor=encode_cursor("7f800000", new_id()))
def test_any_cursor_is_answered_or_refused(other_tenant: Actor, cursor: str) -> None:
    with suppress(ValidationFailed, ValidationError), unit_of_work(other_tenant.scope) as uow:
        search_documents(uow, SearchQuery(q="secret", cursor=cursor))


@pytest.mark.parametrize(
    "text",
    [
        " ".join(f"word{number}" for number in range(3_000)),
        "x" * 20_000,
        "日本" * 5_000,
        "\u0301" * 2_000,
        "ﷺ" * 500,
    ],
)
def test_odd_texts_can_be_indexed_as_a_name_or_a_label(other_tenant: Actor, text: str) -> None:
    document = factories.upload(other_tenant.scope, f"{text[:240]}.txt")
    assert document.name.endswith(".txt")
