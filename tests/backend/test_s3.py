"""Documents whose bytes are at S3, from upload to removal, and settings of S3 that are not taken."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from pydantic import ValidationError

from clasio_backend.core.config import Settings, get_settings
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.documents.trash import purge_document, trash_document
from clasio_backend.integrations.storage import get_blob_store
from clasio_backend.ops.access import command_line
from clasio_backend.ops.data_keys import make_data_key
from clasio_backend.rekeying import moving
from tests import factories
from tests.cast import Actor
from tests.fakes.s3 import Bucket
from tests.worker import Worker

LARGE = b"a line of a log that goes on and on\n" * 450_000  # several parts of an upload
TEXT = b"The amber lantern hangs over the harbour."


@pytest.fixture
def at_s3(bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    """This process's store is the bucket."""
    for name, value in bucket.environment.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "secret").write_text("secret\n")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY_FILE", str(tmp_path / "secret"))
    get_settings.cache_clear()
    get_blob_store.cache_clear()
    yield bucket
    get_blob_store.cache_clear()
    monkeypatch.undo()
    get_settings.cache_clear()


def test_a_document_is_stored_read_found_given_out_and_removed(
    at_s3: Bucket, app: FastAPI, owner: Actor, worker: Worker
) -> None:
    with owner.api(app) as client:
        files = {"lantern.txt": TEXT, "log.txt": LARGE}
        ids = {}
        for name, content in files.items():
            answer = client.post("/api/v1/documents", files={"file": (name, content)})
            assert answer.status_code == httpx.codes.CREATED, answer.text
            ids[name] = answer.json()["id"]
        worker.run_all()
        hits = client.get("/api/v1/search", params={"q": '"amber lantern"'}).json()["items"]
        assert [hit["id"] for hit in hits] == [ids["lantern.txt"]]
        for name, content in files.items():
            assert client.get(f"/api/v1/documents/{ids[name]}/content").content == content
    assert len(at_s3.stored()) == len(files)
    assert all(key.startswith(f"some/prefix/{owner.organization_id}/") for key in at_s3.stored())
    assert at_s3.unfinished() == 0
    for document_id in ids.values():
        with unit_of_work(owner.scope) as uow:
            trash_document(uow, document_id)
        with unit_of_work(owner.scope) as uow:
            purge_document(uow, document_id)
    worker.run_all()
    assert at_s3.stored() == []


def test_a_new_data_key_moves_everything(
    at_s3: Bucket, app: FastAPI, owner: Actor, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moving, "SETTLED", timedelta(0))
    document = factories.upload(owner.scope, "log.txt", LARGE)
    worker.run_all()
    (before,) = at_s3.stored()
    made = make_data_key(command_line(), owner.organization_id)
    worker.run_all()
    (after,) = at_s3.stored()
    assert (str(made.key_id) in after, str(made.key_id) in before) == (True, False)
    with owner.api(app) as client:
        assert client.get(f"/api/v1/documents/{document.id}/content").content == LARGE
    assert at_s3.unfinished() == 0


def test_a_bucket_that_is_gone_is_a_store_that_does_not_answer(at_s3: Bucket, app: FastAPI, owner: Actor) -> None:
    document = factories.upload(owner.scope, "lantern.txt")
    for key in at_s3.stored():
        at_s3.client.delete_object(Bucket=at_s3.name, Key=key)
    at_s3.client.delete_bucket(Bucket=at_s3.name)
    with owner.api(app) as client:
        answer = client.post("/api/v1/documents", files={"file": ("other.txt", b"other text")})
        assert (answer.status_code, answer.json()["code"]) == (503, "storage_unavailable")
        assert client.get(f"/api/v1/documents/{document.id}/content").status_code == httpx.codes.SERVICE_UNAVAILABLE


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"aws_endpoint_url": "http://s3.example.com"}, "plain http is allowed only for this machine"),
        ({"aws_access_key_id": "key"}, "are set together"),
        ({"aws_secret_access_key": "secret"}, "are set together"),
        ({"storage_url": "s3:///prefix"}, "s3://bucket/prefix"),
        ({"storage_url": "ftp://host/folder"}, "s3://bucket/prefix"),
        ({"storage_url": "file:///"}, "s3://bucket/prefix"),
    ],
)
def test_settings_that_cannot_work_are_refused(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Settings(**wrong)


def test_plain_http_of_another_name_for_the_same_setting_is_refused_too(
    at_s3: Bucket, app: FastAPI, owner: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The library reads the environment itself."""
    endpoint = at_s3.environment["AWS_ENDPOINT_URL"]
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    for name, value in (("AWS_ENDPOINT", endpoint), ("AWS_ENDPOINT_URL_S3", endpoint), ("AWS_ALLOW_HTTP", "true")):
        monkeypatch.setenv(name, value)
    get_settings.cache_clear()
    get_blob_store.cache_clear()
    answer = owner.api(app).post("/api/v1/documents", files={"file": ("other.txt", b"other text")})
    assert (answer.status_code, answer.json()["code"]) == (503, "storage_unavailable")
    assert at_s3.stored() == []
