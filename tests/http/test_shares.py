"""The public pages of a share, as a visitor's browser asks for them."""

import re
from uuid import UUID

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from tests import factories
from tests.cast import Actor, visitor
from tests.worker import Worker

PASSWORD = "under the third stone"
BROWSER = {"user-agent": "Mozilla/5.0 (X11; Linux x64) Chrome/140.0 Safari/537.36", "sec-fetch-site": "same-origin"}


def share(app: FastAPI, actor: Actor, document_id: UUID, **values: object) -> str:
    """The path of the share's page."""
    answer = actor.api(app).post(f"/api/v1/documents/{document_id}/shares", json=values)
    assert answer.status_code == 201, answer.text
    return "/s/" + answer.json()["link"].rpartition("/")[2]


def browser(app: FastAPI) -> TestClient:
    client = visitor(app)
    client.headers.update(BROWSER)
    return client


def test_the_page_shows_the_document_without_script_index_or_cache(app: FastAPI, owner: Actor, worker: Worker) -> None:
    name = "<b>lease</b> & terms.txt"
    document = factories.upload(owner.scope, name, "The rent is due on the first. <script>alert(1)</script>")
    worker.run_all()
    answer = browser(app).get(share(app, owner, document.id))
    assert answer.status_code == 200
    assert "<b>lease" not in answer.text
    assert "<script" not in answer.text
    assert "The rent is due on the first." in answer.text
    assert owner.name in answer.text
    assert owner.email not in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert "noindex" in answer.headers["x-robots-tag"]
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "script-src" not in answer.headers["content-security-policy"]
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_the_download_is_the_original_as_an_attachment(app: FastAPI, owner: Actor) -> None:
    document = factories.upload(owner.scope, "wéird name.txt", "the very bytes")
    answer = browser(app).get(share(app, owner, document.id) + "/content")
    assert answer.text == "the very bytes"
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("suffix", ["", "/content"])
def test_unknown_expired_and_revoked_are_the_same_answer(app: FastAPI, owner: Actor, suffix: str) -> None:
    document = factories.upload(owner.scope)
    path = share(app, owner, document.id)
    [row] = owner.api(app).get("/api/v1/shares").json()
    assert owner.api(app).delete(f"/api/v1/shares/{row['id']}").status_code == 204
    answers = [browser(app).get(known + suffix) for known in (path, "/s/unknown", "/s/" + "x" * 3_000, "/s/%00")]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.text for answer in answers}) == 1
    assert "does not work" in answers[0].text


def test_a_password_is_asked_for_and_opens_page_and_download(app: FastAPI, owner: Actor) -> None:
    document = factories.upload(owner.scope, "plan.txt", "the secret plan")
    path, client = share(app, owner, document.id, password=PASSWORD), browser(app)
    for closed in (path, path + "/content"):
        answer = client.get(closed)
        assert answer.status_code == 401
        assert "plan.txt" not in answer.text
        assert "secret plan" not in answer.text
    assert client.post(path, data={"password": "not it"}).status_code == 401
    answer = client.post(path, data={"password": PASSWORD})
    assert (answer.status_code, answer.headers["location"]) == (303, path)
    assert re.search(r"HttpOnly; (Max-Age=\d+; )?Path=" + path, answer.headers["set-cookie"], re.IGNORECASE)
    assert client.get(path).status_code == 200
    assert client.get(path + "/content").text == "the secret plan"


def test_an_editor_changes_values_by_a_plain_form(app: FastAPI, owner: Actor) -> None:
    document = factories.upload(owner.scope, "draft.txt")
    path, client = share(app, owner, document.id, access="editor"), browser(app)
    form = {"name": "final.txt", "category": "Contracts", "summary": "As agreed", "due_on": "2027-01-31"}
    answer = client.post(path + "/edit", data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, path + "?saved=1")
    shown = owner.api(app).get(f"/api/v1/documents/{document.id}").json()
    assert (shown["name"], shown["category"], shown["summary"], shown["due_on"]) == tuple(form.values())
    assert set(shown["value_sources"]) == {"category", "summary", "due_on"}
    assert "Saved." in client.get(path + "?saved=1").text


@pytest.mark.parametrize(
    "form",
    [
        {"name": "a.txt", "due_on": "tomorrow"},
        {"name": "a.txt", "category": "no such category"},
        {"name": "a.txt", "summary": "x" * 700},
        {"name": "a.txt", "summary": "nul \x00 byte"},
    ],
)
def test_what_an_editor_typed_stays_when_it_is_refused(app: FastAPI, owner: Actor, form: dict[str, str]) -> None:
    document = factories.upload(owner.scope, "draft.txt")
    path = share(app, owner, document.id, access="editor")
    answer = browser(app).post(path + "/edit", data=form)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert 'value="a.txt"' in answer.text
    assert owner.api(app).get(f"/api/v1/documents/{document.id}").json()["name"] == "draft.txt"


def test_a_viewer_can_change_nothing(app: FastAPI, owner: Actor) -> None:
    document = factories.upload(owner.scope, "draft.txt")
    path = share(app, owner, document.id)
    assert "<form" not in browser(app).get(path).text
    assert browser(app).post(path + "/edit", data={"name": "mine.txt"}).status_code == 404
    assert owner.api(app).get(f"/api/v1/documents/{document.id}").json()["name"] == "draft.txt"


def test_a_form_of_another_site_is_refused(app: FastAPI, owner: Actor) -> None:
    document = factories.upload(owner.scope, "draft.txt")
    path = share(app, owner, document.id, access="editor")
    client = visitor(app)
    answer = client.post(path + "/edit", data={"name": "x.txt"}, headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 403


def test_many_visits_from_one_address_are_slowed_down(app: FastAPI, owner: Actor) -> None:
    client = browser(app)
    statuses = [client.get("/s/unknown").status_code for _ in range(310)]
    assert (statuses[0], statuses[-1]) == (404, 429)
