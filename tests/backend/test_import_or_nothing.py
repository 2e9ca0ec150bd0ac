"""An import is all there, or nothing of it is: what fails or is killed half-way leaves no trace."""

from pathlib import Path
from uuid import UUID

import pytest

from clasio_backend.accounts.repository import UserRepository
from clasio_backend.activity.service import list_latest
from clasio_backend.core import gateway
from clasio_backend.core.clock import now
from clasio_backend.core.config import get_settings
from clasio_backend.core.ids import new_id
from clasio_backend.core.scope import UserScope, system_scope
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.documents.schemas import DocumentQuery
from clasio_backend.documents.service import list_documents
from clasio_backend.exports.cleaning import clean_up
from clasio_backend.exports.errors import ImportTakenAway, TooMuchForPlan
from clasio_backend.exports.incoming.repository import ImportRepository
from clasio_backend.exports.incoming.service import import_organization
from tests import exporting, factories
from tests.cast import Actor
from tests.exporting import owner_scope
from tests.servers import Servers
from tests.worker import Worker

QUERIES = ("lantern", '"second lantern"', "contr", "By a person", "Contracts", "kunstlerische", "invoic", "kept")


def rows_of(servers: Servers, organization_id: UUID) -> int:
    with servers.as_owner() as connection:
        row = connection.execute("SELECT count(*) FROM organizations WHERE id = %s", [organization_id]).fetchone()
    return row[0] if row else 0


def unfinished(servers: Servers) -> list[UUID]:
    with servers.as_owner() as connection:
        rows = connection.execute("SELECT organization_id FROM imports WHERE finished_at IS NULL").fetchall()
    return [row[0] for row in rows]


def stored(servers: Servers, organization_id: UUID) -> list[Path]:
    return list((servers.folder / "blobs" / str(organization_id)).rglob("*"))


def test_nobody_sees_it_before_it_is_whole(owner: Actor, worker: Worker, tmp_path: Path, servers: Servers) -> None:
    factories.upload(owner.scope)
    path = exporting.made(owner, worker).pack(tmp_path / "export.zip")
    seen: list[tuple[bool, int]] = []

    def look(_sentence: str) -> None:
        for organization_id in unfinished(servers):
            with unit_of_work(UserScope(owner.user_id, "test")) as uow:
                choices = uow.repository(UserRepository).memberships()
            seen.append((organization_id in gateway.organization_ids(), len(choices)))

    imported = import_organization(path, name=None, owner_email=None, tell=look)
    assert seen
    assert set(seen) == {(False, 1)}
    assert imported.organization_id in gateway.organization_ids()
    with unit_of_work(owner_scope(imported, owner)) as uow:
        latest = list_latest(uow)
    assert [entry.action for entry in latest] == ["organization.imported"]


@pytest.mark.parametrize("point", ["1 of 1 documents", "Making them findable."])
def test_a_failure_half_way_leaves_nothing_and_the_next_try_works(
    owner: Actor, worker: Worker, tmp_path: Path, servers: Servers, point: str
) -> None:
    factories.upload(owner.scope)
    path = exporting.made(owner, worker).pack(tmp_path / "export.zip")
    begun: list[UUID] = []

    def fail(sentence: str) -> None:
        if sentence == point:
            begun.extend(unfinished(servers))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_organization(path, name=None, owner_email=None, tell=fail)
    [organization_id] = begun
    assert (rows_of(servers, organization_id), stored(servers, organization_id)) == (0, [])
    assert exporting.bring_in(path).documents == 1


def test_what_a_killed_import_left_is_cleared_away(
    owner: Actor, worker: Worker, tmp_path: Path, servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    factories.upload(owner.scope)
    path = exporting.made(owner, worker).pack(tmp_path / "export.zip")
    ended = exporting.bring_in(path)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("clasio_backend.exports.incoming.service.finish_import", killed)
        patched.setattr("clasio_backend.exports.incoming.service.remove_unfinished", killed)
        with pytest.raises(KeyboardInterrupt):
            exporting.bring_in(path)
    [organization_id] = unfinished(servers)
    clean_up()
    assert rows_of(servers, organization_id) == 1  # it may be alive
    assert stored(servers, organization_id) != []
    with servers.as_owner() as connection:
        connection.execute("UPDATE imports SET seen_at = now() - interval '2 hours'")
    clean_up()
    assert (rows_of(servers, organization_id), stored(servers, organization_id)) == (0, [])
    assert rows_of(servers, ended.organization_id) == 1
    with unit_of_work(owner_scope(ended, owner)) as uow:
        assert len(list_documents(uow, DocumentQuery()).items) == 1


def test_an_import_that_was_cleared_away_cannot_come_back(
    owner: Actor, worker: Worker, tmp_path: Path, servers: Servers
) -> None:
    factories.upload(owner.scope)
    path = exporting.made(owner, worker).pack(tmp_path / "export.zip")

    def clear(sentence: str) -> None:
        if sentence == "Making them findable.":
            for organization_id in unfinished(servers):
                with unit_of_work(system_scope(organization_id, "test")) as uow:
                    uow.repository(ImportRepository).abandon(now())

    with pytest.raises(ImportTakenAway):
        import_organization(path, name=None, owner_email=None, tell=clear)
    assert unfinished(servers) == []


def test_more_than_the_plan_has_room_for_is_said_beforehand(
    owner: Actor, worker: Worker, tmp_path: Path, servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    factories.upload(owner.scope, "one.txt", "one")
    export = exporting.made(owner, worker)
    [line] = export.lines("documents")
    content = export.members.pop(line["file"])
    copies = [{**line, "id": str(new_id()), "file": f"documents/{n:06} one.txt"} for n in range(501)]
    export.members |= {copy["file"]: content for copy in copies}
    export.set_lines("documents", copies)
    for name in ("texts", "analyses"):
        export.set_lines(name, [])
    path = export.pack(tmp_path / "export.zip")
    monkeypatch.setenv("DEFAULT_PLAN", "free")
    get_settings.cache_clear()
    try:
        with pytest.raises(TooMuchForPlan, match="501 documents"):
            exporting.bring_in(path)
    finally:
        monkeypatch.undo()
        get_settings.cache_clear()
    assert unfinished(servers) == []
