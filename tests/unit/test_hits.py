"""One rule says what a hit is: in snippets, in the marks on pages, and for the page at which a document opens."""

import json

import pytest

from clasio_backend.search.hits import first_page_with, with_hits
from clasio_backend.search.query import parse_query
from clasio_backend.search.snippets import mark
from tests.naughty import NAUGHTY

PAGES = ["The harbour of Łódź", "An invoice PO-1234, due", "Künstlerische Straße", "東京の家"]
CASES = {
    "invoice": 2,
    "inv": 2,  # the last word may be a beginning
    "inv due": 2,
    '"po 1234"': 2,
    "1234": 2,
    "kunst": 3,
    "STRASSE": 3,
    "京": 4,
    "-invoice harbour": 1,
    "oice": 1,  # the middle of a word is no hit, so the first page it is
    "nothing": 1,
    "-invoice": 1,
    "": 1,
}


def marked(word: str, q: str) -> bool:
    return any(part.marked for part in mark(word, parse_query(q)))


@pytest.mark.parametrize("q", CASES)
def test_the_page_with_the_first_mark_is_where_it_opens(q: str) -> None:
    assert first_page_with(q, "\f".join(PAGES)) == CASES[q]
    places = [[[word, 0, 0, 1, 1] for word in page.split()] for page in PAGES]
    for number, line in enumerate(places, start=1):
        (found,) = json.loads(with_hits(json.dumps([line]).encode(), q))
        assert [word[5] for word in found] == [marked(word[0], q) for word in line]
        if any(word[5] for word in found):
            assert first_page_with(q, "\f".join(PAGES)) <= number


@pytest.mark.parametrize("text", NAUGHTY)
def test_the_rule_is_the_same_for_every_text(text: str) -> None:
    words = json.dumps([[[text, 1, 2, 3, 4]]]).encode()
    for q in (text, "a", f'"{text}"'):
        ((found,),) = json.loads(with_hits(words, q))
        assert found[:5] == [text, 1, 2, 3, 4]
        assert found[5] == marked(text, q)
