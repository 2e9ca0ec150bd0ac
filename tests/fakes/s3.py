"""S3 as moto serves it: a real server on loopback, with a bucket for each store."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
from moto.server import ThreadedMotoServer

from clasio_backend.core.ids import new_id

REGION = "eu-central-1"


class Bucket:
    """`environment` is what Clasio is told of it; the secret comes from outside, as it may from a file."""

    def __init__(self, endpoint: str) -> None:
        self.name = f"bucket-{new_id()}"
        self.client: Any = boto3.client(
            "s3", endpoint_url=endpoint, region_name=REGION, aws_access_key_id="key", aws_secret_access_key="secret"
        )
        self.client.create_bucket(Bucket=self.name, CreateBucketConfiguration={"LocationConstraint": REGION})
        self.environment = {
            "STORAGE_URL": f"s3://{self.name}/some/prefix",
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "key",
        }

    def stored(self) -> list[str]:
        """The keys of everything in it."""
        return [thing["Key"] for thing in self.client.list_objects_v2(Bucket=self.name).get("Contents", [])]

    def unfinished(self) -> int:
        """How many uploads in parts were begun and neither completed nor aborted."""
        return len(self.client.list_multipart_uploads(Bucket=self.name).get("Uploads", []))


@contextmanager
def serving_s3() -> Iterator[str]:
    """The address of the server."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()
