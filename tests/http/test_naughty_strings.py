"""Strings that break other people's software, in every place where a string goes in."""

import pytest
from fastapi import FastAPI

from tests.cast import Actor, visitor
from tests.naughty import NAUGHTY, ODD_VALUES
from tests.owned import Owned

TEXT_FILTERS = ("q", "cursor", "category", "type")
TYPED_FILTERS = ("limit", "stage", "uploaded_by", "source", "created_from", "created_to", "sort", "outcome")
TEXT_VALUES = ("name", "category", "document_type", "summary")
TYPED_VALUES = ("issued_on", "due_on", "expires_on")


@pytest.mark.parametrize("path", ["/api/v1/documents", "/api/v1/search"])
def test_queries(app: FastAPI, owner: Actor, path: str) -> None:
    client = owner.api(app)
    cases = [(name, text) for name in TEXT_FILTERS for text in NAUGHTY]
    for name, text in cases + [(name, text) for name in TYPED_FILTERS for text in ODD_VALUES]:
        answer = client.get(path, params={"q": "word", name: text} if path.endswith("search") else {name: text})
        assert answer.status_code < 500, (name, text, answer.text)


def test_edits(app: FastAPI, owner: Actor, owned: Owned) -> None:
    client, url = owner.api(app), f"/api/v1/documents/{owned.ids['document_id']}"
    cases: list[tuple[str, object]] = [(name, text) for name in TEXT_VALUES for text in NAUGHTY]
    cases += [(name, value) for name in TYPED_VALUES for value in ODD_VALUES]
    cases += [(name, value) for name in (*TEXT_VALUES, *TYPED_VALUES) for value in (5, [], {}, True, None)]
    for name, value in cases:
        answer = client.patch(url, json={name: value})
        assert answer.status_code < 500, (name, value, answer.text)
    for name in TEXT_VALUES:  # half of a surrogate pair, which JSON can say
        assert client.patch(url, content=f'{{"{name}": "\\ud800"}}').status_code == 422
    assert client.get(url).status_code == 200
    assert client.get(f"{url}/activity").status_code == 200


def test_forms(app: FastAPI, owner: Actor) -> None:
    known = {"email": "a@example.org", "password": "x", "token": "x", "organization_name": "x", "name": "x"}
    cases = [("/auth/sign-in", "email"), ("/auth/set-password", "token"), *(("/auth/setup", name) for name in known)]
    for path, name in cases:
        for text in NAUGHTY:
            form = known | {name: text}
            answer = visitor(app).post(path, data=form, headers={"accept": "application/json"})
            assert answer.status_code < 500, (path, name, text, answer.text)
    assert owner.browser(app).post("/auth/switch", data={"organization_id": "\x00"}).status_code == 422


def test_headers_and_paths(app: FastAPI, owner: Actor, owned: Owned) -> None:
    client = owner.api(app)
    for text in NAUGHTY:
        header = text.encode("utf-8", "ignore").replace(b"\x00", b"").replace(b"\r", b"").replace(b"\n", b"")
        for name in ("idempotency-key", "x-forwarded-for", "user-agent", "accept", "origin"):
            url = f"/api/v1/documents/{owned.ids['document_id']}/analyses"
            assert client.post(url, json={}, headers={name.encode(): header}).status_code < 500, (name, text)
        for name in ("authorization", "cookie"):
            value = (b"Bearer clasio_" if name == "authorization" else b"clasio_session=") + header
            answer = visitor(app).get("/api/v1/usage", headers={name.encode(): value})
            assert answer.status_code == 401, (name, text, answer.text)
    for segment in ("%00", "..%2f..%2f", "%ff%fe", "%E2%80%AE", "a" * 3_000, "'--", "null"):
        assert client.get(f"/api/v1/documents/{segment}").status_code in {404, 422}


def test_token_names(app: FastAPI, owner: Actor) -> None:
    client = owner.api(app)
    for text in NAUGHTY:
        assert client.post("/api/v1/tokens", json={"name": text}).status_code in {201, 422}, text
    for body in (b"", b"{", b"[]", b"null", b'{"name": "\xff"}', b'{"name": "\\ud800"}', b"[" * 5_000):
        answer = client.post("/api/v1/tokens", content=body, headers={"content-type": "application/json"})
        assert answer.status_code in {400, 422}, (body[:20], answer.text)
    assert client.get("/api/v1/tokens").status_code == 200
