"""Pages as pictures: of one's own documents, asked for each time, and never the original bytes."""

import io
from pathlib import Path

import pytest
from fastapi import FastAPI
from PIL import Image

from tests import factories
from tests.cast import Actor
from tests.made_documents import Made


@pytest.fixture
def made(tmp_path: Path) -> Made:
    return Made(tmp_path)


def _picture(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content), formats=["WEBP"])


@pytest.mark.parametrize(("size", "width"), [("page", 1240), ("thumbnail", 320)])
def test_a_page_is_a_picture_that_the_browser_asks_for_again(
    app: FastAPI, owner: Actor, made: Made, size: str, width: int
) -> None:
    document = factories.upload(owner.scope, "two.pdf", made.pdf("First page", "Second page").read_bytes())
    client, path = owner.browser(app), f"/api/v1/documents/{document.id}/pages"
    answer = client.get(f"{path}/2", params={"size": size})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/webp")
    assert _picture(answer.content).width == width
    assert answer.headers["cache-control"] == "private, no-cache"
    assert answer.headers["content-security-policy"] == "sandbox; default-src 'none'"
    known = {"if-none-match": f"W/{answer.headers['etag']}"}
    again = client.get(f"{path}/2", params={"size": size}, headers=known)
    assert (again.status_code, again.content) == (304, b"")
    other = client.get(f"{path}/1", params={"size": size}, headers=known)
    assert other.status_code == 200
    assert other.content != answer.content


def test_only_pages_that_can_be_drawn_are_there(app: FastAPI, owner: Actor, made: Made) -> None:
    client = owner.api(app)
    pdf = factories.upload(owner.scope, "one.pdf", made.pdf("Only page").read_bytes())
    word = factories.upload(owner.scope, "made.docx", made.docx().read_bytes())
    for path, status in {
        f"{pdf.id}/pages/2": 404,
        f"{word.id}/pages/1": 404,
        f"{pdf.id}/pages/0": 422,
        f"{pdf.id}/pages/1?size=huge": 422,
    }.items():
        answer = client.get(f"/api/v1/documents/{path}")
        assert answer.status_code == status, path
        assert answer.headers["content-type"] == "application/problem+json"


def test_a_bomb_is_refused_and_the_next_page_is_drawn(app: FastAPI, owner: Actor, made: Made) -> None:
    client = owner.api(app)
    bomb = factories.upload(owner.scope, "bomb.pdf", made.pdf_bomb(900).read_bytes())
    honest = factories.upload(owner.scope, "honest.pdf", made.pdf("An honest page").read_bytes())
    refused = client.get(f"/api/v1/documents/{bomb.id}/pages/1")
    assert (refused.status_code, refused.json()["code"]) == (422, "too_complex")
    assert client.get(f"/api/v1/documents/{honest.id}/pages/1").status_code == 200


def test_sizes_and_words_are_json_that_the_browser_asks_for_again(app: FastAPI, owner: Actor, made: Made) -> None:
    document = factories.upload(owner.scope, "words.pdf", made.pdf("First page", "Second page").read_bytes())
    client, path = owner.browser(app), f"/api/v1/documents/{document.id}/pages"
    assert client.get(path).json() == [[595, 842], [595, 842]]
    answer = client.get(f"{path}/2/words")
    assert [word[0] for line in answer.json() for word in line] == ["Second", "page"]
    assert answer.headers["cache-control"] == "private, no-cache"
    assert answer.headers["content-security-policy"] == "sandbox; default-src 'none'"
    for address in (path, f"{path}/2/words"):
        known = {"if-none-match": client.get(address).headers["etag"]}
        assert client.get(address, headers=known).status_code == 304
    marked = client.get(f"{path}/2/words", params={"q": "pag"})
    assert [(word[0], word[5]) for line in marked.json() for word in line] == [("Second", False), ("page", True)]
    assert marked.headers["etag"] not in {answer.headers["etag"], client.get(f"{path}/2/words?q=x").headers["etag"]}
    assert client.get(f"{path}/3/words").status_code == 404
    word = factories.upload(owner.scope, "made.docx", made.docx("words.docx").read_bytes())
    assert client.get(f"/api/v1/documents/{word.id}/pages").json()["code"] == "page_not_found"
