import unicodedata

from hypothesis import given, settings
from hypothesis import strategies as st

from clasio_backend.documents.reading.text import is_storable, join_pages, normalize, rejoin_words


@settings(deadline=None)  # a busy machine is no fault
@given(st.lists(st.text(st.characters(exclude_categories=())), max_size=5), st.integers(1, 200))
def test_whatever_comes_in_can_be_stored(pages: list[str], limit: int):
    text, _ = join_pages(pages, limit)

    assert is_storable(text)
    assert len(text) <= limit


def test_letters_have_one_form():
    assert normalize("Zoe\u0308 und O\u0308l") == unicodedata.normalize("NFC", "Zoë und Öl")


def test_spaces_and_lines_are_tidied():
    assert normalize("a\u00a0b  c \r\n\r\n\r\n\r\nd\te ") == "a b c\n\nd\te"


def test_nothing_unseen_stays():
    assert normalize("to\u00adtal\x00\u200b \x1b[31mred \ud83d\ude00 \ud800") == "total [31mred \U0001f600 \ufffd"


def test_symbols_of_private_fonts_become_bullets():
    assert normalize("\uf0b7 First\n\uf0b7 Second \uf0e0 end") == "• First\n• Second end"


def test_words_broken_at_a_line_end_are_joined_only_when_the_document_has_them_whole():
    assert rejoin_words("The docu-\nment. This document.") == "The document\n. This document."
    assert rejoin_words("A self-\nlocking nut") == "A self-\nlocking nut"
    assert rejoin_words("the exam\ufffeple") == "the example"
    assert rejoin_words("well\ufffeknown and well-known") == "well-known and well-known"
    assert rejoin_words("market\ufffebased, based on the market") == "market-based, based on the market"
    assert rejoin_words("end\ufffe") == "end-"


def test_the_limit_cuts_and_says_so():
    assert join_pages(["abc", "def"], 100) == ("abc\fdef", False)
    assert join_pages(["abc", "def"], 3) == ("abc", True)
    assert join_pages(["abcdef"], 3) == ("abc", True)
