"""Files made to hurt: each must end in text or in a sentence, cheaply, and leave the worker as it was."""

import random
import zipfile
from pathlib import Path
from typing import Any

import pytest

from clasio_backend.documents.file_types import detect, file_type_of
from clasio_backend.documents.reading import Limits, ReadResult, Unreadable, read_file, render_page, sandbox
from tests.made_documents import Made

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
ODT = "application/vnd.oasis.opendocument.text"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LIMIT_KB = 700 * 1024
LAUGHS = (
    '<!DOCTYPE x [<!ENTITY a "ha">'
    + "".join(
        f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">'  # each entity holds ten of the one before
        for n in range(10)
    )
    + "]>"
)
FILE_ENTITY = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


def end_of(path: Path, mime_type: str, **limits: Any):
    """The code of the refusal, or the text."""
    try:
        return read_file(path, mime_type, limits=Limits(**limits)).text
    except Unreadable as error:
        refusal = error
    assert refusal.message.endswith(".")
    return refusal.code


def test_a_pdf_bomb_is_stopped_at_the_memory_limit(made: Made):
    assert made.pdf_bomb().stat().st_size < 10_000
    assert end_of(made.pdf_bomb(), "application/pdf") in {"too_complex", "no_text"}


def test_memory_stays_under_the_promise(made: Made):
    draw = {"task": "render", "mime_type": "image/png", "page": 0, "width_px": 300}
    run = sandbox.run(made.enormous_png(9_900), draw, Limits(), max_bytes=10_000_000)

    assert 10_000 < run.max_rss_kb < LIMIT_KB
    assert Limits().memory_mb + Limits().ocr_memory_mb < 700


def test_an_office_bomb_is_not_unpacked(made: Made):
    body = "<w:document>" + "<w:p/>" * 12_000_000 + "</w:document>"

    assert end_of(made.docx_of(body), DOCX) == "too_complex"
    assert end_of(made.directory_of(10_001), DOCX) == "too_complex"


def test_a_member_larger_than_its_directory_says(made: Made):
    path = made.docx_of("<w:document>" + "<w:p/>" * 1000 + "</w:document>")
    content = path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        size = archive.getinfo("word/document.xml").file_size
    lying = made.raw("lying.docx", content.replace(size.to_bytes(4, "little"), (100).to_bytes(4, "little")))

    assert end_of(lying, DOCX) in {"no_text", "broken"}


@pytest.mark.parametrize("doctype", [LAUGHS, FILE_ENTITY])
def test_entities_are_not_resolved(made: Made, doctype: str):
    name = "&k;" if doctype == LAUGHS else "&a;"
    body = f'{doctype}<w:document xmlns:w="w"><w:t>before {name} after</w:t></w:document>'
    for text in (
        end_of(made.docx_of(body), DOCX, cpu_seconds=3),
        end_of(made.zip("y.odt", {"mimetype": "", "content.xml": body.replace("w:t", "t:p")}), ODT, cpu_seconds=3),
        end_of(made.raw("a.html", body), "text/html"),
    ):
        assert "root:" not in text
        assert "haha" not in text
        assert text != "timeout"


def test_markup_nested_without_end(made: Made):
    deep = "<a>" * 200_000
    for path, mime_type in (
        (made.docx_of(deep), DOCX),
        (made.odt_of(deep), ODT),
        (made.raw("a.html", "<div>" * 200_000 + "words"), "text/html"),
        (made.raw("a.rtf", "{\\rtf1" + "{" * 200_000), "application/rtf"),
    ):
        assert isinstance(end_of(path, mime_type), str)


def test_mail_nested_without_end(made: Made):
    mail = "".join(f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n" for n in range(3000))

    assert isinstance(end_of(made.raw("a.eml", mail), "message/rfc822"), str)


def test_a_page_of_two_kilometres_is_read_and_drawn_small(made: Made):
    path = made.pdf_objects(
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 144000 144000]/Contents 4 0 R"
        b"/Resources<</Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>",
        b"<</Length 62>>stream\nBT /F 900 Tf 100 100 Td (A very large page, well readable) Tj ET\nendstream",
    )

    assert end_of(path, "application/pdf") == "A very large page, well readable"
    assert len(render_page(path, "application/pdf", 0, 400)) < 100_000


def test_pages_that_contain_themselves(made: Made):
    path = made.pdf_objects(b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[2 0 R 2 0 R]/Count 1000000>>")

    assert end_of(path, "application/pdf") in {"broken", "no_text", "too_complex"}


def test_a_picture_of_nine_hundred_million_pixels_is_not_decoded(made: Made):
    assert end_of(made.enormous_png(), "image/png") == "too_complex"
    with pytest.raises(Unreadable):
        render_page(made.enormous_png(), "image/png", 0, 300)


def test_a_sheet_whose_only_cell_is_the_last_one(made: Made):
    sheet = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><dimension ref="A1:XFD1048576"/>'
        '<sheetData><row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>far away</t></is></c></row></sheetData>'
        "</worksheet>"
    )
    whole = made.xlsx()
    with zipfile.ZipFile(whole) as archive:
        members: dict[str, bytes | str] = {name: archive.read(name) for name in archive.namelist()}
    path = made.zip("far.xlsx", members | {"xl/worksheets/sheet1.xml": sheet})

    assert "far away" in end_of(path, XLSX)


def test_a_workbook_with_a_broken_style_keeps_its_words(made: Made):
    with zipfile.ZipFile(made.xlsx()) as archive:
        members: dict[str, bytes | str] = {name: archive.read(name) for name in archive.namelist()}
    path = made.zip("style.xlsx", members | {"xl/styles.xml": b"<broken"})

    assert "Saltwater" in end_of(path, XLSX)


def test_a_torn_part_gives_what_stands_before_the_tear(made: Made):
    body = '<w:document xmlns:w="w"><w:p><w:t>Still here</w:t></w:p><w:p><w:t>and'

    assert end_of(made.docx_of(body), DOCX).startswith("Still here")


def test_torn_files_of_every_format(made: Made):
    for path in (made.pdf("one", "two"), made.docx(), made.xlsx(), made.pptx(), made.picture("x"), made.eml()):
        mime_type = detect(path, path.name).mime_type
        whole = path.read_bytes()
        for share in (0.2, 0.5, 0.95):
            assert isinstance(end_of(made.raw("torn", whole[: int(len(whole) * share)]), mime_type), str)


@pytest.mark.parametrize("maker", ["pdf", "docx", "xlsx", "pptx", "eml"])
def test_random_damage_never_gets_past_the_child(made: Made, maker: str):
    dice = random.Random(maker)
    path = getattr(made, maker)()
    mime_type, whole = detect(path, path.name).mime_type, path.read_bytes()
    for _ in range(12):
        damaged = bytearray(whole)
        for _ in range(dice.choice((1, 10, 200))):
            damaged[dice.randrange(len(damaged))] = dice.randrange(256)
        assert isinstance(end_of(made.raw("damaged", bytes(damaged)), mime_type, cpu_seconds=10), str)


def test_one_kind_of_bytes_under_another_kind_s_name(made: Made):
    for path in (made.pdf("x"), made.docx(), made.picture("x")):
        for mime_type in ("application/pdf", DOCX, XLSX, ODT, "message/rfc822", "text/html"):
            assert isinstance(end_of(path, mime_type), str)


def test_an_unknown_type_is_an_answer_too(made: Made):
    assert file_type_of("application/x-nonsense") is None
    assert end_of(made.raw("a", b"x"), "application/x-nonsense") == "unsupported"


def test_the_next_file_is_read_as_if_nothing_had_happened(made: Made):
    end_of(made.pdf_bomb(), "application/pdf")

    assert read_file(made.pdf("calm"), "application/pdf") == ReadResult("calm", 1, "none", truncated=False)
