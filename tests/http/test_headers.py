"""The headers around every answer, and where its redirects lead."""

from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.responses import RedirectResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.testclient import TestClient

from clasio_backend.security.headers import SecurityHeadersMiddleware


def browser(pages: Path, *, https: bool = False) -> TestClient:
    """Built pages behind the headers, as the web process serves them."""
    (pages / "documents").mkdir(exist_ok=True)
    (pages / "documents" / "index.html").write_text("<p>Documents</p>")
    routes = [
        Route("/away", lambda _: RedirectResponse("https://accounts.example/consent?next=/documents")),
        Mount("/", StaticFiles(directory=pages, html=True)),
    ]
    app = SecurityHeadersMiddleware(Starlette(routes=routes), policy="default-src 'none'", https=https)
    return TestClient(app, base_url="http://clasio.example", follow_redirects=False)


@pytest.mark.parametrize("host", ["clasio.example", "127.0.0.1:8000", "evil.example"])
def test_a_redirect_to_ourselves_names_no_host(tmp_path: Path, host: str) -> None:
    """Behind a proxy that speaks https, or one that hides the name, a whole address would lead people astray."""
    answer = browser(tmp_path).get("/documents?sort=name", headers={"host": host})
    assert (answer.status_code, answer.headers["location"]) == (307, "/documents/?sort=name")


@pytest.mark.parametrize("path", ["//evil.example/..%2fdocuments", "//evil.example%2f..%2fdocuments", "//documents"])
def test_a_path_cannot_turn_into_another_host(tmp_path: Path, path: str) -> None:
    location = browser(tmp_path).get(f"http://clasio.example{path}").headers.get("location", "/")
    assert location.startswith("/")
    assert not location.startswith(("//", "/\\"))


def test_a_redirect_to_another_place_stays_as_it_is(tmp_path: Path) -> None:
    answer = browser(tmp_path).get("/away")
    assert answer.headers["location"] == "https://accounts.example/consent?next=/documents"


def test_every_answer_has_the_headers(tmp_path: Path) -> None:
    for path in ("/documents/", "/nothing", "/away"):
        headers = browser(tmp_path).get(path).headers
        assert headers["content-security-policy"] == "default-src 'none'"
        assert (headers["x-content-type-options"], headers["x-frame-options"]) == ("nosniff", "DENY")
        assert headers["referrer-policy"] == "same-origin"
        assert "strict-transport-security" not in headers


def test_the_address_of_a_share_is_told_to_nobody(app: FastAPI) -> None:
    """Its page asks for less than the others: the address is the key."""
    around = SecurityHeadersMiddleware(app, policy="default-src 'none'", https=False)
    headers = TestClient(around).get("/s/unknown").headers
    assert (headers["referrer-policy"], headers["cache-control"]) == ("no-referrer", "no-store")
    assert "form-action 'self'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"


def test_https_is_remembered_for_a_year(tmp_path: Path) -> None:
    headers = browser(tmp_path, https=True).get("/documents/").headers
    assert headers["strict-transport-security"] == "max-age=31536000"
