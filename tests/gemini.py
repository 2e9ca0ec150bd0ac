"""Clasio with Gemini set up, and a look at what an organization's budget holds."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import pytest

from clasio_backend.analysis.providers import get_analyzer
from clasio_backend.core.config import get_settings
from clasio_backend.integrations.gemini import get_model_client
from tests.fakes.gemini import KEY, GeminiServer
from tests.servers import Servers


@contextmanager
def set_up(library: str) -> Iterator[GeminiServer]:
    """A server that is Gemini for this process, through one of Google's libraries."""
    server = GeminiServer()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ANALYZER", library)
        patch.setenv("GEMINI_API_KEY", KEY)
        patch.setenv("GEMINI_API_BASE", server.url)
        forget()
        yield server
    server.stop()
    forget()


def forget() -> None:
    """The next look reads the settings anew."""
    for cached in (get_settings, get_analyzer, get_model_client):
        cached.cache_clear()


def counters(servers: Servers, organization_id: UUID) -> dict[str, tuple[int, int]]:
    """(used, reserved) of each monthly meter that was ever touched."""
    with servers.as_owner() as connection:
        rows = connection.execute(
            "SELECT meter, used, reserved FROM usage_counters WHERE organization_id = %s AND period > '1970-01-01'",
            [organization_id],
        ).fetchall()
    return {meter: (used, reserved) for meter, used, reserved in rows}
