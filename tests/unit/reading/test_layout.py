"""Words and their places: where a person sees them, also on turned and cut pages, and believed only when sane."""

import io
import json
from pathlib import Path

import pytest
from PIL import Image, ImageChops
from pypdf import PdfReader, PdfWriter
from pypdf.generic import RectangleObject

from clasio_backend.documents.reading import Unreadable, read_outline, read_words, render_page
from clasio_backend.documents.reading.layout import MOST_CHARACTERS, PARTS, checked_outline, checked_words
from tests.made_documents import Made

PDF = "application/pdf"


def lines_of(path: Path, page: int = 0) -> list[list[list[object]]]:
    lines: list[list[list[object]]] = json.loads(read_words(path, PDF, page))
    return lines


def changed(made: Made, *, turned: int = 0, cut: tuple[int, int, int, int] | None = None) -> Path:
    writer = PdfWriter(PdfReader(made.pdf("Here stands one line", name="straight.pdf")))
    page = writer.pages[0]
    if cut:
        page.cropbox = RectangleObject(cut)
    if turned:
        page.rotate(turned)
    path = made.folder / f"changed-{turned}.pdf"
    writer.write(path)
    return path


def test_words_are_in_lines_with_their_places(made: Made) -> None:
    lines = lines_of(made.pdf("First line here\nSecond line", "Other page"))
    assert [[word[0] for word in line] for line in lines] == [["First", "line", "here"], ["Second", "line"]]
    for line in lines:
        lefts = [word[1] for word in line]
        assert lefts == sorted(lefts)  # type: ignore[type-var]
    assert lines[1][0][2] > lines[0][0][2]  # type: ignore[operator]
    assert [[word[0] for word in line] for line in lines_of(made.pdf("First", "Other page"), 1)] == [["Other", "page"]]


@pytest.mark.parametrize("turned", [0, 90, 180, 270])
@pytest.mark.parametrize("cut", [None, (50, 600, 500, 820)])
def test_words_are_where_they_are_seen(made: Made, turned: int, cut: tuple[int, int, int, int] | None) -> None:
    path = changed(made, turned=turned, cut=cut)
    seen = Image.open(io.BytesIO(render_page(path, PDF, 0, 1000))).convert("L")
    ink = ImageChops.invert(seen).point(lambda level: 255 if level > 100 else 0).getbbox()
    assert ink is not None
    words = [word for line in lines_of(path) for word in line]
    assert sorted(str(word[0]) for word in words) == ["Here", "line", "one", "stands"]
    places = [tuple(int(str(place)) for place in word[1:]) for word in words]
    left, top = min(p[0] for p in places), min(p[1] for p in places)
    right, bottom = max(p[0] + p[2] for p in places), max(p[1] + p[3] for p in places)
    box = (
        left * seen.width / PARTS,
        top * seen.height / PARTS,
        right * seen.width / PARTS,
        bottom * seen.height / PARTS,
    )
    letter = 25  # pixels: a word's box has the height of its font
    assert all(abs(one - other) < letter for one, other in zip(box, ink, strict=True)), (box, ink)


def test_a_picture_has_no_words_and_says_its_size(made: Made) -> None:
    assert read_words(made.scanned_pdf(), PDF, 0) == b"[]"
    straight = made.picture("One line")
    with Image.open(straight) as picture:
        width, height = picture.size
    assert json.loads(read_outline(straight, "image/png")) == [[width, height]]
    assert read_words(straight, "image/png", 0) == b"[]"


def test_a_picture_on_its_side_is_as_large_as_it_is_shown(tmp_path: Path) -> None:
    path = tmp_path / "side.jpg"
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (300, 100), "white").save(path, exif=exif)
    assert json.loads(read_outline(path, "image/jpeg")) == [[100, 300]]


def test_the_outline_has_every_page(made: Made) -> None:
    assert json.loads(read_outline(made.pdf("One", "Two", "Three"), PDF)) == [[595, 842]] * 3


def test_what_has_no_pages_is_refused(made: Made) -> None:
    docx = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    with pytest.raises(Unreadable, match="cannot be read"):
        read_outline(made.docx(), docx)
    with pytest.raises(Unreadable, match="no such page"):
        read_words(made.pdf("One"), PDF, 1)
    with pytest.raises(Unreadable, match="empty"):
        read_outline(made.raw("empty.pdf", b""), PDF)


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\xff",
        b"{}",
        b'"text"',
        b"[" * 100_000,
        b"[1]",
        b"[[1]]",
        b'[[["word",1,2,3]]]',
        b'[[["word",1,2,3,4,5]]]',
        b'[[["",1,2,3,4]]]',
        b'[[["a\\u0000b",1,2,3,4]]]',
        b'[[["\\ud800",1,2,3,4]]]',
        b'[[["word",-1,2,3,4]]]',
        b'[[["word",1,2,3,10001]]]',
        b'[[["word",1.5,2,3,4]]]',
        b'[[["word",true,2,3,4]]]',
        b'[[[{"a":1},1,2,3,4]]]',
        json.dumps([[["x" * 81, 1, 2, 3, 4]]]).encode(),
        json.dumps([[["x" * 80, 1, 2, 3, 4]]] * (MOST_CHARACTERS // 80 + 1)).encode(),
    ],
)
def test_words_of_a_parser_that_was_taken_over_are_refused(payload: bytes) -> None:
    with pytest.raises(Unreadable):
        checked_words(payload)


@pytest.mark.parametrize(
    "payload", [b"[]", b"[[1]]", b"[[0,1]]", b"[[1,true]]", b"[[1,99999999]]", b"[[1,2],[1,2],[1,2]]"]
)
def test_an_outline_of_such_a_one_too(payload: bytes) -> None:
    with pytest.raises(Unreadable):
        checked_outline(payload, most_pages=2)
