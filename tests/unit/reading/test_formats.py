import io
import shutil
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from clasio_backend.documents.file_types import detect
from clasio_backend.documents.reading import Limits, Unreadable, read_file, render_page
from tests.made_documents import Made

needs_tesseract = pytest.mark.skipif(shutil.which("tesseract") is None, reason="tesseract is not installed")


def read(path: Path, **limits: Any):
    return read_file(path, detect(path, path.name).mime_type, limits=Limits(**limits))


def test_pdf_has_a_form_feed_between_pages(made: Made):
    result = read(made.pdf("First page\nof two", "Second page"))

    assert result.text == "First page\nof two\fSecond page"
    assert (result.page_count, result.ocr, result.truncated) == (2, "none", False)


def test_filled_in_form_fields_are_read(made: Made):
    path = made.pdf_objects(
        b"<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R]>>>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Annots[4 0 R]>>",
        b"<</Type/Annot/Subtype/Widget/FT/Tx/T(name)/V(Ada Lovelace)/Rect[10 10 200 30]/P 3 0 R>>",
    )

    assert read(path).text == "Ada Lovelace"


def test_docx_with_header_table_and_footer(made: Made):
    text = read(made.docx()).text

    assert text.startswith("Running header\nService agreement\nBetween Zoë and Łukasz.")
    assert "Item\tPrice\nRepair\t12,50 €" in text
    assert text.endswith("Running footer")


def test_docx_text_boxes_are_read_once(made: Made):
    box = "<w:p><w:r><w:t>In a box</w:t></w:r></w:p>"
    body = (
        '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
        ' xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
        f"<w:body><w:p><w:r><mc:AlternateContent><mc:Choice>{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback>"
        "</mc:AlternateContent></w:r></w:p>"
        "<w:p><w:r><w:delText>Deleted</w:delText><w:t>Kept</w:t></w:r></w:p></w:body></w:document>"
    )

    assert read(made.docx_of(body)).text.split() == ["In", "a", "box", "Kept"]


def test_xlsx_has_a_page_for_each_sheet(made: Made):
    result = read(made.xlsx())

    assert result.text == "Ducks\nYear\tCount\tWeight\n2024\t42\t1.5\fSecond\nSaltwater"
    assert result.page_count == 2


def test_pptx_has_a_page_for_each_slide_and_its_notes(made: Made):
    result = read(made.pptx())

    first, second = result.text.split("\f")
    assert first.startswith("Slide number 1")
    assert "Say this aloud" in second
    assert result.page_count == 2


def test_odt_with_table_and_spaces(made: Made):
    body = (
        '<o:text><t:h>Title</t:h><t:p>Two<t:s t:c="2"/>gaps<t:line-break/>line</t:p>'
        "<tb:table><tb:table-row><tb:table-cell><t:p>A</t:p></tb:table-cell>"
        "<tb:table-cell><t:p>B</t:p></tb:table-cell></tb:table-row></tb:table></o:text>"
    )

    assert read(made.odt_of(body)).text == "Title\nTwo gaps\nline\nA\tB"


def test_rtf(made: Made):
    path = made.raw("made.rtf", r"{\rtf1\ansi\ansicpg1252 Gr\'f6\'dfe \b bold\b0\par Second {\*\generator x}line}")

    assert read(path).text == "Größe bold\nSecond line"


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        ("Größe, Straße und Äpfel: 12,50 €. Der Vertrag läuft über zwölf Monate.", "cp1252"),
        ("Größe und Straße", "utf-8-sig"),
        ("Größe und Straße", "utf-16"),
        ("Grosse Dinge ohne Marke", "utf-16-le"),
        ("Договор аренды заключён между сторонами сроком на один год.", "cp1251"),
        ("請求書の合計金額は一万円です。よろしくお願いいたします。", "shift_jis"),
    ],
)
def test_text_in_older_encodings(made: Made, content: str, encoding: str):
    assert read(made.raw("a.txt", content.encode(encoding))).text == content


def test_html_shows_what_a_person_would_see(made: Made):
    page = (
        "<html><head><title>Bill</title><style>p{}</style><script>steal()</script></head>"
        "<body><p>Two\n words</p><table><tr><td>Sum</td><td>5 &euro;</td></tr></table>"
        "<img src='http://example.com/x.png'><noscript>hidden</noscript>&#0;&#xD800;end</body></html>"
    )
    text = read(made.raw("a.html", page)).text

    assert text.startswith("Bill\nTwo words\n")
    assert "Sum\t5 €" in text
    assert text.endswith("end")
    assert "steal" not in text
    assert "hidden" not in text


def test_html_in_its_declared_encoding(made: Made):
    page = b'<html><head><meta charset="iso-8859-2"></head><body>' + "Łódź".encode("iso-8859-2") + b"</body></html>"

    assert read(made.raw("a.html", page)).text == "Łódź"


def test_eml_has_headers_plain_text_and_attachments(made: Made):
    text = read(made.eml()).text

    assert "From: a@example.com\nTo: b@example.com\nSubject: Größe der Lieferung" in text
    assert "The plain words." in text
    assert "html" not in text
    assert "Attachment: note.txt\nText of the attachment" in text
    assert "Attachment: Rechnung 5.pdf" in text


def test_eml_with_broken_charset_and_html_only(made: Made):
    mail = b'Subject: x\nContent-Type: text/html; charset="no-such"\n\n<p>Hello &amp; <i>welcome</i></p>'

    assert "Hello & welcome" in read(made.raw("a.eml", mail)).text


@needs_tesseract
def test_pictures_are_recognized(made: Made):
    result = read(made.picture("Invoice number 12345", "Total amount 99 euro"))

    assert "Invoice number 12345" in result.text
    assert result.ocr == "used"


@needs_tesseract
def test_only_the_scanned_page_of_a_pdf_is_recognized(made: Made):
    result = read(made.scanned_pdf(with_text_page=True))

    first, second = result.text.split("\f")
    assert first == "This page has a text layer of its own"
    assert "Number 4711" in second
    assert result.ocr == "used"


@needs_tesseract
def test_ocr_stops_at_its_limit_and_keeps_what_it_has(made: Made):
    tiff = made.folder / "two.tiff"
    with Image.open(made.picture("Page number 1")) as first, Image.open(made.picture("2", name="2.png")) as second:
        first.save(tiff, save_all=True, append_images=[second])
    result = read(tiff, ocr_pages=1)

    assert result.text == "Page number 1"
    assert result.page_count == 2
    assert result.truncated


def test_without_tesseract_the_document_says_so(made: Made, reader_without_tesseract: None):
    mixed = read(made.scanned_pdf(with_text_page=True))

    assert mixed.ocr == "missing"
    assert mixed.text.startswith("This page has a text layer")
    for path in (made.scanned_pdf(), made.picture("x")):
        with pytest.raises(Unreadable, match="text recognition is not installed") as caught:
            read(path)
        assert caught.value.code == "ocr_missing"


@pytest.mark.parametrize(("content", "code"), [(b"", "empty"), (b"%PDF-1.4\nnothing", "broken"), (b"%PDF-", "broken")])
def test_hopeless_pdfs(made: Made, content: bytes, code: str):
    with pytest.raises(Unreadable) as caught:
        read(made.raw("a.pdf", content))

    assert caught.value.code == code
    assert not caught.value.retryable


def test_encrypted_files_say_so(made: Made):
    office = made.raw("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"))
    text = made.odt_of("", manifest="<manifest><encryption-data/></manifest>")
    for path in (made.encrypted_pdf(user_password="secret"), office, text):
        with pytest.raises(Unreadable, match="protected by a password") as caught:
            read(path)
        assert caught.value.code == "encrypted"


def test_a_pdf_with_an_owner_password_only_is_read(made: Made):
    assert read(made.encrypted_pdf(user_password="")).text == "Nobody may read this"


def test_a_blank_page_has_no_text(made: Made):
    with pytest.raises(Unreadable, match="found by its name only") as caught:
        read(made.pdf(""))

    assert caught.value.code == "no_text"


def test_the_text_limit_is_kept(made: Made):
    result = read(made.raw("a.txt", "word " * 1000), max_chars=100)

    assert len(result.text) <= 100
    assert result.truncated


@pytest.mark.parametrize("maker", ["pdf", "picture"])
def test_pages_are_drawn(made: Made, maker: str):
    path = getattr(made, maker)("Some words")
    picture = Image.open(io.BytesIO(render_page(path, detect(path, path.name).mime_type, 0, 300)))

    assert picture.format == "WEBP"
    assert picture.width == 300


def test_drawing_what_is_not_there(made: Made):
    with pytest.raises(Unreadable) as caught:
        render_page(made.pdf("one"), "application/pdf", 1, 300)
    assert caught.value.code == "no_such_page"
    with pytest.raises(Unreadable) as caught:
        render_page(made.docx(), detect(made.docx(), "a.docx").mime_type, 0, 300)
    assert caught.value.code == "unsupported"
