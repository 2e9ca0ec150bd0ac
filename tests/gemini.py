"""Clasio with Gemini set up, and a look at what an organization's budget holds."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest

from clasio_backend.analysis.providers import get_analyzer
from clasio_backend.analysis.service import request_analysis
from clasio_backend.core.config import get_settings
from clasio_backend.core.ids import new_id
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.documents.schemas import DocumentDetail
from clasio_backend.documents.service import get_document
from clasio_backend.integrations.gemini import get_model_client
from tests.cast import Actor
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


def detail(actor: Actor, document_id: UUID) -> DocumentDetail:
    with unit_of_work(actor.scope) as uow:
        return get_document(uow, document_id)


def ask(actor: Actor, document_id: UUID, mode: Any = "fast", key: str | None = None) -> UUID:
    with unit_of_work(actor.scope) as uow:
        return request_analysis(uow, document_id, mode, key=key or new_id().hex)


def rows(servers: Servers, actor: Actor) -> list[tuple[Any, ...]]:
    with servers.as_owner() as connection:
        return connection.execute(
            "SELECT source, mode, model, tokens_in, tokens_out FROM analyses WHERE organization_id = %s ORDER BY id",
            [actor.organization_id],
        ).fetchall()
