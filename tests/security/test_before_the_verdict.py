"""Every route and every event, found by looking and called by the owner, on a file without a verdict, or a bad one."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from uuid import UUID

import pytest
from fastapi import FastAPI

from clasio_backend.core.errors import ClasioError
from clasio_backend.core.scope import system_scope
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.documents.repository import DocumentRepository
from clasio_backend.documents.scanning import Verdict, settle_verdict
from clasio_backend.documents.service import index_labels
from clasio_backend.models.documents import Scan
from tests import factories
from tests.cast import Actor
from tests.http.routes import private_routes, send
from tests.owned import Owned
from tests.scanning import HONEST, WORD, RealClamd
from tests.servers import Servers
from tests.ui.pages import opened, run
from tests.ui.test_events import HANDLERS, given, prepare

ENDS_THE_SESSION = {"POST /auth/sign-out"}
LETS_GO = {"POST /api/v1/quarantine/{document_id}/release", "QuarantineState.release"}
"""Where an owner decides, with a reason, that what was caught may be opened."""
FOUND = Verdict(Scan.INFECTED, "Test.Signature", "ClamAV 1.4.6/1/test")
Closed = Callable[[Actor, Owned, Servers], Owned]


def unscanned(owner: Actor, owned: Owned, servers: Servers) -> Owned:
    """What the owner has, with a document that waits for the scanner in the place of the one that is open.

    It has its text already, as one that was imported.
    """
    document = factories.upload(owner.scope, "waits.txt", HONEST, keep_duplicate=True)
    with servers.as_owner() as connection:
        connection.execute("UPDATE document_texts SET text = %s WHERE document_id = %s", [HONEST, document.id])
        connection.execute(
            "UPDATE documents SET searchable_at = now(), summary = %s WHERE id = %s", [HONEST, document.id]
        )
    return replace(owned, ids=owned.ids | {"document_id": document.id})


def caught(owner: Actor, owned: Owned, servers: Servers) -> Owned:
    """The same with one that was open, was read and says something, until a later scan found it infected."""
    mine = unscanned(owner, owned, servers)
    document_id = mine.ids["document_id"]
    with servers.as_owner() as connection:
        connection.execute("UPDATE documents SET scan = 'not_scanned', outcome = 'done' WHERE id = %s", [document_id])
    with unit_of_work(system_scope(owner.organization_id, "test")) as uow:
        document = uow.repository(DocumentRepository).get_for_update(document_id)
        document.document_type, document.parties, document.value_sources = WORD, [WORD], {"summary": "human"}
        index_labels(uow, document)
        settle_verdict(uow, document, FOUND)
    return mine


def is_untouched(servers: Servers, document_id: UUID) -> bool:
    """Nothing was analysed or shared, and the verdict is still to come, or stands."""
    with servers.as_owner() as connection:
        rows = connection.execute(
            "SELECT d.scan IN ('pending', 'infected')"
            " AND NOT EXISTS (SELECT 1 FROM analyses a WHERE a.document_id = d.id)"
            " AND NOT EXISTS (SELECT 1 FROM shares s WHERE s.document_id = d.id)"
            " AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.document_id = d.id AND j.kind = 'analysis.analyse')"
            " FROM documents d WHERE d.id = %s",
            [document_id],
        ).fetchall()
    return all(row[0] for row in rows)  # none is left of one that was purged


@pytest.mark.parametrize("closed", [unscanned, caught])
def test_no_route_opens_it(  # noqa: PLR0917
    closed: Closed, owner: Actor, owned: Owned, scanner: RealClamd, app: FastAPI, servers: Servers
) -> None:
    client = owner.api(app)
    for route in private_routes(app):
        if str(route) in ENDS_THE_SESSION | LETS_GO:
            continue
        mine = closed(owner, owned, servers)
        answer = send(client, app, route, mine.ids)
        assert WORD.encode() not in answer.content, route
        assert is_untouched(servers, mine.ids["document_id"]), route


@pytest.mark.parametrize("closed", [unscanned, caught])
def test_no_event_opens_it(closed: Closed, owner: Actor, owned: Owned, scanner: RealClamd, servers: Servers) -> None:
    for state, name in HANDLERS:
        if f"{state.__name__}.{name}" in LETS_GO:
            continue
        mine = closed(owner, owned, servers)
        page = opened(state, owner, f"/documents/{mine.ids['document_id']}")
        prepare(page, mine)
        if "document_id" in state.vars:  # a dialog about a document
            page.document_id = str(mine.ids["document_id"])
        with suppress(ClasioError):
            run(page, name, given(mine, state, name))
        shown = {key: value for key, value in page.dict().items() if "router" not in key}
        assert WORD not in repr(shown), f"{state.__name__}.{name}"
        assert is_untouched(servers, mine.ids["document_id"]), f"{state.__name__}.{name}"
