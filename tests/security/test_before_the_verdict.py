"""Every route and every event of the pages, found by looking and called by the owner, on a file without a verdict."""

from contextlib import suppress
from dataclasses import replace
from uuid import UUID

from fastapi import FastAPI

from clasio_backend.core.errors import ClasioError
from tests import factories
from tests.cast import Actor
from tests.http.routes import private_routes, send
from tests.owned import Owned
from tests.scanning import HONEST, WORD, RealClamd
from tests.servers import Servers
from tests.ui.pages import opened, run
from tests.ui.test_events import HANDLERS, given, prepare

ENDS_THE_SESSION = {"POST /auth/sign-out"}


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


def is_untouched(servers: Servers, document_id: UUID) -> bool:
    """Nothing was analysed or shared, and the verdict is still to come."""
    with servers.as_owner() as connection:
        rows = connection.execute(
            "SELECT d.scan = 'pending'"
            " AND NOT EXISTS (SELECT 1 FROM analyses a WHERE a.document_id = d.id)"
            " AND NOT EXISTS (SELECT 1 FROM shares s WHERE s.document_id = d.id)"
            " AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.document_id = d.id AND j.kind = 'analysis.analyse')"
            " FROM documents d WHERE d.id = %s",
            [document_id],
        ).fetchall()
    return all(row[0] for row in rows)  # none is left of one that was purged


def test_no_route_opens_it(owner: Actor, owned: Owned, scanner: RealClamd, app: FastAPI, servers: Servers) -> None:
    client = owner.api(app)
    for route in private_routes(app):
        if str(route) in ENDS_THE_SESSION:
            continue
        mine = unscanned(owner, owned, servers)
        answer = send(client, app, route, mine.ids)
        assert WORD.encode() not in answer.content, route
        assert is_untouched(servers, mine.ids["document_id"]), route


def test_no_event_opens_it(owner: Actor, owned: Owned, scanner: RealClamd, servers: Servers) -> None:
    for state, name in HANDLERS:
        mine = unscanned(owner, owned, servers)
        page = opened(state, owner, f"/documents/{mine.ids['document_id']}")
        prepare(page, mine)
        if "document_id" in state.vars:  # a dialog about a document
            page.document_id = str(mine.ids["document_id"])
        with suppress(ClasioError):
            run(page, name, given(mine, state, name))
        shown = {key: value for key, value in page.dict().items() if "router" not in key}
        assert WORD not in repr(shown), f"{state.__name__}.{name}"
        assert is_untouched(servers, mine.ids["document_id"]), f"{state.__name__}.{name}"
