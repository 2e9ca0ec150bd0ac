"""The store at S3, or at whatever speaks its protocol, by the settings AWS_*."""

from datetime import timedelta

from obstore.store import S3Store

from clasio_backend.core.config import Settings, is_loopback

_CONNECT = timedelta(seconds=5)
_SILENCE = timedelta(seconds=60)
_LONGEST = timedelta(hours=6)
"""The library ends what takes longer than 30 seconds: a large file on a slow line."""
_RETRIED = timedelta(seconds=30)
"""The library goes on for 3 minutes, and somebody waits for an upload meanwhile; jobs try again by themselves."""


def open_s3(settings: Settings) -> S3Store:
    """Without keys in the settings: those of the machine's role, or of the pod's service account."""
    given = {
        "endpoint": settings.aws_endpoint_url,
        "region": settings.aws_region,
        "access_key_id": settings.aws_access_key_id,
        "secret_access_key": settings.aws_secret_access_key and settings.aws_secret_access_key.get_secret_value(),
    }
    return S3Store.from_url(
        settings.storage_url,
        config={name: value for name, value in given.items() if value},  # type: ignore[arg-type]  # keys of S3Config
        client_options={
            "allow_http": is_loopback(settings.aws_endpoint_url or ""),
            "connect_timeout": _CONNECT,
            "read_timeout": _SILENCE,
            "timeout": _LONGEST,
        },
        retry_config={"max_retries": 4, "retry_timeout": _RETRIED},
    )
