"""The pages of a shared document: pictures and words for visitors, and nothing of it once the share is closed."""

import re
from contextlib import suppress
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI

from clasio_backend.core.errors import TooManyRequests
from clasio_backend.core.ids import new_id
from clasio_backend.security import rates
from clasio_backend.security.rate_limit import take
from clasio_backend.sharing import pages
from tests import factories
from tests.cast import Actor
from tests.http.test_shares import PASSWORD, browser, share
from tests.made_documents import Made
from tests.servers import Servers
from tests.worker import Worker


@pytest.fixture
def lease(owner: Actor, worker: Worker, tmp_path: Path) -> UUID:
    """A PDF with seven pages."""
    texts = [f"Clause {number} of the lease {new_id()}" for number in range(1, 8)]
    document = factories.upload(owner.scope, "lease.pdf", Made(tmp_path).pdf(*texts).read_bytes())
    worker.run_all()
    return document.id


def pictures(html: str) -> list[str]:
    return re.findall(r'<img src="([^"]+)"', html)


def test_a_visitor_reads_page_by_page_without_script(app: FastAPI, owner: Actor, lease: UUID) -> None:
    path, client = share(app, owner, lease), browser(app)
    first = client.get(path)
    assert pictures(first.text) == [f"{path}/pages/{number}" for number in range(1, 6)]
    assert "<script" not in first.text
    assert "style=" not in first.text.replace("<style", "")  # the policy allows the one style only
    assert re.search(r"<tspan [^>]+>Clause</tspan> <tspan [^>]+>1</tspan>", first.text)
    assert "Pages 1 to 5 of 7" in first.text
    following = re.search(r'rel="next" href="([^"#]+)#pages"', first.text)
    assert following
    second = client.get(following[1])
    assert pictures(second.text) == [f"{path}/pages/6", f"{path}/pages/7"]
    assert 'rel="next"' not in second.text
    assert pictures(client.get(f"{path}?page=999").text) == pictures(second.text)
    picture = client.get(pictures(second.text)[0])
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/webp")
    assert picture.content[8:12] == b"WEBP"
    assert (picture.headers["cache-control"], "etag" in picture.headers) == ("no-store", False)
    assert "sandbox" in picture.headers["content-security-policy"]
    assert client.get(f"{path}/pages/8").status_code == 404


def test_pages_are_as_closed_as_the_share(app: FastAPI, owner: Actor, lease: UUID, servers: Servers) -> None:
    path, client = share(app, owner, lease), browser(app)
    picture = f"{path}/pages/1"
    assert client.get(picture).status_code == 200
    for close, reopen in (
        (
            "documents SET scan = 'infected', outcome = 'infected' WHERE id",
            "documents SET scan = 'clean', outcome = 'done' WHERE id",
        ),
        ("documents SET deleted_at = now() WHERE id", "documents SET deleted_at = NULL WHERE id"),
        (
            "shares SET expires_at = now() WHERE document_id",
            "shares SET expires_at = now() + interval '1 day' WHERE document_id",
        ),
        ("shares SET revoked_at = now() WHERE document_id", "shares SET revoked_at = NULL WHERE document_id"),
    ):
        with servers.as_owner() as connection:
            connection.execute(f"UPDATE {close} = %s", [lease])
        answers = [client.get(each) for each in (picture, path, "/s/unknown", "/s/unknown/pages/1")]
        assert {answer.status_code for answer in answers} == {404}, close
        assert len({answer.text for answer in answers}) == 1, close
        with servers.as_owner() as connection:
            connection.execute(f"UPDATE {reopen} = %s", [lease])
        assert client.get(picture).status_code == 200, reopen


def test_a_password_is_before_the_pages_too(app: FastAPI, owner: Actor, lease: UUID) -> None:
    path, client = share(app, owner, lease, password=PASSWORD), browser(app)
    answer = client.get(f"{path}/pages/1")
    assert (answer.status_code, "WEBP" in answer.text) == (401, False)
    client.post(path, data={"password": PASSWORD})
    assert client.get(f"{path}/pages/1").status_code == 200


def test_reading_on_is_one_opening_and_nobody_reads_uncounted(
    app: FastAPI, owner: Actor, lease: UUID, servers: Servers
) -> None:
    path, client = share(app, owner, lease), browser(app)

    def opened() -> int:
        return int(owner.api(app).get("/api/v1/shares").json()[0]["open_count"])

    client.get(f"{path}/pages/1")
    assert opened() == 1  # without the page around it
    client.get(path)
    client.get(f"{path}?page=6")
    client.get(f"{path}/pages/6")
    assert opened() == 1
    with servers.as_owner() as connection:
        connection.execute(
            "UPDATE share_opens SET at = at - interval '10 minutes' WHERE organization_id = %s", [owner.organization_id]
        )
    client.get(f"{path}?page=6")
    client.get(f"{path}/pages/7")
    assert opened() == 1
    client.get(path)
    assert opened() == 2


def test_it_says_where_the_pictures_end(app: FastAPI, owner: Actor, lease: UUID, servers: Servers) -> None:
    """As with more than 3,000 pages, which is where the sizes of pages end."""
    with servers.as_owner() as connection:
        connection.execute("UPDATE documents SET page_count = 3412 WHERE id = %s", [lease])
    path, client = share(app, owner, lease), browser(app)
    says = "Only the first 7 of 3,412 pages are shown here."
    assert [says in client.get(f"{path}?page={number}").text for number in (1, 6)] == [False, True]


def test_other_formats_are_text_as_ever(app: FastAPI, owner: Actor, worker: Worker) -> None:
    document = factories.upload(owner.scope, "a.txt", "Only words.")
    worker.run_all()
    path, client = share(app, owner, document.id), browser(app)
    assert pictures(client.get(path).text) == []
    assert "Only words." in client.get(path).text
    assert client.get(f"{path}/pages/1").status_code == 404


def test_many_who_want_drawings_are_turned_away(app: FastAPI, owner: Actor, lease: UUID) -> None:
    path, client = share(app, owner, lease), browser(app)
    with pages._drawing, pytest.MonkeyPatch.context() as patched:
        patched.setattr(pages, "PATIENCE_SECONDS", 0.0)
        answer = client.get(f"{path}/pages/7")
        assert (answer.status_code, int(answer.headers["retry-after"]) > 0) == (httpx.codes.TOO_MANY_REQUESTS, True)
        assert client.get(f"{path}/pages/1").status_code == 200  # drawn before
        assert client.get(path).status_code == 200
    assert client.get(f"{path}/pages/7").status_code == 200


def test_a_visitor_who_has_everything_drawn_is_slowed_down(
    app: FastAPI, owner: Actor, lease: UUID, servers: Servers
) -> None:
    path, client = share(app, owner, lease), browser(app)
    with servers.as_owner() as connection:
        row = connection.execute("SELECT id FROM shares WHERE document_id = %s", [lease]).fetchone()
    assert row is not None
    with suppress(TooManyRequests):
        for visitor in range(10_000):  # from many addresses, as a net of machines would
            take(rates.share_drawing(str(row[0]), f"192.0.2.{visitor % 200}"))
    assert client.get(f"{path}/pages/6").status_code == httpx.codes.TOO_MANY_REQUESTS
    page = client.get(f"{path}?page=6")
    assert (page.status_code, len(pictures(page.text)), "<tspan" in page.text) == (200, 2, False)
