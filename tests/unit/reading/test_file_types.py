import codecs
import os
import random
import subprocess
import sys
import threading
import zipfile
from pathlib import Path

import pytest

from clasio_backend.documents.file_types import (
    ACCEPTED_EXTENSIONS,
    FILE_TYPES,
    UnsupportedFileType,
    detect,
    file_type_of,
)
from tests.made_documents import Made

ENCRYPTED_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600 + "EncryptedPackage".encode("utf-16-le")
OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600 + "WordDocument".encode("utf-16-le")


@pytest.mark.parametrize(
    ("maker", "kind"),
    [("docx", "docx"), ("xlsx", "xlsx"), ("pptx", "pptx"), ("eml", "eml"), ("picture", "png")],
)
def test_made_files_are_what_they_are(made: Made, maker: str, kind: str):
    path = getattr(made, maker)()

    assert detect(path, path.name).kind == kind


@pytest.mark.parametrize("name", ["scan.JPG", "scan.jpeg", "scan.tif", "scan.tiff", "scan.webp", "scan.png"])
def test_images_by_content_under_each_of_their_names(made: Made, name: str):
    path = made.picture("x", name=name.lower())

    assert detect(path, name).mime_type.startswith("image/")


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.markdown", "a.csv", "a.html", "a.htm", "a.eml"])
@pytest.mark.parametrize(
    "content",
    [
        b"Plain words, and one line on the %PDF-1.7 mark\n",
        "Größe; Straße; naïve\n".encode(),
        "Größe; Straße\n".encode("cp1252"),
        codecs.BOM_UTF16_LE + "Größe\n".encode("utf-16-le"),
        "Grosse Dinge ohne Marke\n".encode("utf-16-le"),
        ("ä" * 40_000).encode(),  # the head ends inside a character
    ],
)
def test_text_in_any_encoding_is_taken_by_its_extension(made: Made, name: str, content: bytes):
    path = made.raw("text", content)

    assert name.rpartition(".")[2] in detect(path, name).extensions


@pytest.mark.parametrize("extension", ACCEPTED_EXTENSIONS)
def test_an_empty_file_is_taken_by_its_extension(made: Made, extension: str):
    path = made.raw("empty", b"")

    assert extension in detect(path, f"empty.{extension}").extensions


def test_content_and_name_must_agree(made: Made):
    with pytest.raises(UnsupportedFileType) as caught:
        detect(made.docx(), "contract.pdf")

    assert caught.value.status == 415
    assert caught.value.code == "type_mismatch"
    assert caught.value.message == (
        "This file is named .pdf but contains a Word document. Rename it to .docx and upload it again."
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"this is only text", "contains plain text. Rename it to .txt"),
        (b"<!doctype html><html><body>Sign in</body></html>", "contains a web page. Rename it to .html"),
        (b"From: a@b.c\nSubject: hi\n\nwords", "contains an e-mail. Rename it to .eml"),
        (b"{\\rtf1 words}", "contains a rich text document. Rename it to .rtf"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x02\x00\x00\x00", "a PNG image"),
        (b"MZ\x90\x00" + bytes(200), "contains a Windows program"),
        (b"\x1f\x8b\x08\x00" + bytes(50), "contains a gzip archive"),
        (b"GIF89a\x01\x00\x01\x00\x80\x00\x00", "an image of another format (gif)"),
        (random.Random(7).randbytes(4096), "contains data that is not a document"),
        (OLD_OFFICE, "contains a document of an old Office version"),
    ],
)
def test_a_refusal_says_what_was_found(made: Made, content: bytes, said: str):
    path = made.raw("wrong.pdf", content)

    with pytest.raises(UnsupportedFileType) as caught:
        detect(path, "wrong.pdf")

    assert said in caught.value.message
    assert caught.value.message.endswith(".")


@pytest.mark.parametrize("name", ["run.exe", "noextension", "archive.tar.gz", ".pdf", "a.docm"])
def test_an_unknown_extension_is_refused(made: Made, name: str):
    with pytest.raises(UnsupportedFileType) as caught:
        detect(made.raw("some", b"words"), name)

    assert caught.value.code == "unknown_extension"


def test_a_known_type_under_an_unknown_extension_names_the_right_one(made: Made):
    with pytest.raises(UnsupportedFileType, match=r"named \.docm but contains a Word document\. Rename it to \.docx"):
        detect(made.docx(), "letter.docm")


def test_damaged_pdfs_are_taken_when_they_begin_as_one(made: Made):
    assert detect(made.raw("torn.pdf", b"%PDF-1.4\nThis is all there is"), "torn.pdf").kind == "pdf"
    assert detect(made.raw("junk.pdf", b"\x00\x01junk\n%PDF-1.4\n" + bytes(99)), "junk.pdf").kind == "pdf"


def test_a_torn_office_download_is_taken_by_its_head(made: Made):
    whole = made.docx().read_bytes()

    assert detect(made.raw("torn.docx", whole[: len(whole) // 2]), "torn.docx").kind == "docx"


@pytest.mark.parametrize("name", ["a.docx", "a.xlsx", "a.pptx"])
def test_an_encrypted_office_file_is_taken(made: Made, name: str):
    assert detect(made.raw("locked", ENCRYPTED_OFFICE), name).kind == name.rpartition(".")[2]


def test_other_zips_are_refused(made: Made):
    sheet = made.zip("a.odt", {"mimetype": "application/vnd.oasis.opendocument.spreadsheet"}, zipfile.ZIP_STORED)
    plain = made.zip("b.docx", {"readme.txt": "hello"})

    with pytest.raises(UnsupportedFileType, match=r"OpenDocument file of another kind \(spreadsheet\)"):
        detect(sheet, "a.odt")
    with pytest.raises(UnsupportedFileType, match="contains a ZIP archive"):
        detect(plain, "b.docx")


def test_zip_bombs_are_refused_before_anything_is_unpacked(made: Made):
    bomb = made.docx_of("<a>" + " " * 120_000_000 + "</a>", "bomb.docx")

    for path in (bomb, made.directory_of(10_001)):
        with pytest.raises(UnsupportedFileType) as caught:
            detect(path, path.name)
        assert caught.value.code == "too_complex"


def test_threads_share_one_libmagic(made: Made):
    path = made.picture("x")
    kinds: list[str] = []
    threads = [
        threading.Thread(target=lambda: kinds.extend(detect(path, "a.png").kind for _ in range(50))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert kinds == ["png"] * 400


def test_libmagic_comes_with_the_wheel_and_leaves_the_environment_alone(made: Made):
    path = made.picture("x")
    script = (
        "import os, sys, pathlib\n"
        "from clasio_backend.documents.file_types import detect\n"
        "assert detect(pathlib.Path(sys.argv[1]), 'a.png').kind == 'png'\n"
        "libraries = {line.split()[-1] for line in open('/proc/self/maps') if 'libmagic.so' in line}\n"
        "assert len(libraries) == 1 and 'pylibmagic' in libraries.pop()\n"
        "assert 'LD_LIBRARY_PATH' not in os.environ and 'MAGIC' not in os.environ\n"
    )
    environment = {"PYTHONPATH": str(Path.cwd()), "PATH": os.environ["PATH"]}

    subprocess.run([sys.executable, "-c", script, str(path)], check=True, env=environment)


def test_every_type_is_found_by_its_mime_type():
    for kind in FILE_TYPES:
        assert file_type_of(kind.mime_type) is kind
    assert file_type_of("application/zip") is None
