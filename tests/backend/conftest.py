"""Stores of both kinds, which every test of the file store wants."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from clasio_backend.core.config import get_settings
from clasio_backend.integrations.storage import BlobStore
from clasio_backend.integrations.storage.blobs import open_blob_store
from tests.fakes.s3 import Bucket, serving_s3


@pytest.fixture(scope="session")
def s3() -> Iterator[str]:
    with serving_s3() as endpoint:
        yield endpoint


@pytest.fixture
def bucket(s3: str) -> Bucket:
    return Bucket(s3)


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> BlobStore:
    """In `tmp_path`, or in a bucket."""
    if request.param == "folder":
        changes: dict[str, object] = {"storage_url": tmp_path.as_uri()}
    else:
        bucket: Bucket = request.getfixturevalue("bucket")
        changes = {name.lower(): value for name, value in bucket.environment.items()}
        changes["aws_secret_access_key"] = SecretStr("secret")
    return open_blob_store(get_settings().model_copy(update=changes))
