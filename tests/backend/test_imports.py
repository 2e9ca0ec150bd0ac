"""An organization out of one place and into another: everything is the same but for the ids that must differ."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from clasio_backend.accounts.authorize import authorize_session
from clasio_backend.accounts.repository import UserRepository
from clasio_backend.analysis.service import request_analysis
from clasio_backend.core.clock import now
from clasio_backend.core.job_queue import QueueName
from clasio_backend.core.scope import Role, Scope, UserScope
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.documents.schemas import DocumentChange, DocumentQuery
from clasio_backend.documents.service import change_document, get_document, list_documents
from clasio_backend.documents.trash import trash_document
from clasio_backend.exports.errors import NoOwner
from clasio_backend.integrations.storage import BlobStore, get_blob_store
from clasio_backend.organizations.members import change_member, list_people, remove_member
from clasio_backend.organizations.schemas import MemberChange, OrganizationChange
from clasio_backend.organizations.settings import change_settings, read_settings
from clasio_backend.organizations.setup import create_person, set_password
from clasio_backend.search.schemas import SearchQuery
from clasio_backend.search.service import search_documents
from clasio_backend.sharing.schemas import NewShare
from clasio_backend.sharing.service import share_document
from clasio_backend.usage.service import reconcile
from jobs.runner import run_due
from tests import cast, exporting, factories
from tests.cast import Actor
from tests.exporting import Unpacked, owner_scope
from tests.servers import Servers
from tests.worker import Worker

QUERIES = ("lantern", '"second lantern"', "contr", "By a person", "Contracts", "kunstlerische", "invoic", "kept")


@pytest.fixture
def lively(owner: Actor, worker: Worker) -> Actor:
    """An organization in which everything has happened."""
    member, gone = cast.member_of(owner), cast.member_of(owner, "Gone Member")
    resting = cast.member_of(owner, "Resting Member")
    with unit_of_work(owner.scope) as uow:
        change_settings(uow, OrganizationChange(analysis_mode="automatic", max_share_days=21))
    contract = factories.upload(member.scope, "Vertrag Ä 契約.txt", "A second lantern for the künstlerische Leitung.")
    factories.upload(gone.scope, "invoice.txt", "Invoice 17 over 119,00 EUR of lantern oil")
    factories.upload(owner.scope, "copy.txt", "the same bytes")
    factories.upload(owner.scope, "copy.txt", "the same bytes", keep_duplicate=True)
    factories.upload(owner.scope, "empty.txt", b"", received_at=now() - timedelta(days=40))
    factories.upload(owner.scope, "broken.pdf", b"%PDF-1.4 nothing of this is right")
    old = factories.upload(member.scope, "kept for later.txt", "this lantern is out")
    worker.run_all()
    with unit_of_work(member.scope) as uow:
        change_document(uow, contract.id, DocumentChange(category="Contracts", summary="By a person"))
        trash_document(uow, old.id)
        share_document(uow, contract.id, NewShare(email="reader@example.org"))
        request_analysis(uow, contract.id, "thorough", key="once")
    worker.run_all()
    with unit_of_work(owner.scope) as uow:
        change_member(uow, resting.user_id, MemberChange(is_active=False))
        remove_member(uow, gone.user_id)
    return owner


def people_by_id(export: Unpacked) -> dict[str | None, str | None]:
    return {None: None, **{line["user_id"]: line["email"] for line in export.lines("members")}}


def content_of(export: Unpacked) -> dict[str, Any]:
    """Everything of an export that must survive a move, with people by their address."""
    people = people_by_id(export)
    documents = export.lines("documents")
    for line in documents:
        line["uploaded_by"], line["deleted_by"] = people[line["uploaded_by"]], people[line["deleted_by"]]
    settings = json.loads(export.members["organization.json"])
    return {
        "documents": documents,
        "bytes": {line["id"]: export.members[line["file"]] for line in documents if line["file"]},
        "texts": export.lines("texts"),
        "analyses": export.lines("analyses"),
        "categories": export.lines("categories"),
        "members": sorted(
            ({**line, "user_id": None} for line in export.lines("members")), key=lambda line: line["email"]
        ),
        "settings": {name: value for name, value in settings.items() if name != "id"},
        "left_out": export.manifest["left_out"],
        "names": sorted(name for name in export.members if name.startswith("documents/")),
    }


def cast_as(actor: Actor, scope: Scope) -> Actor:
    """The same person in another organization."""
    return replace(actor, signed_in=replace(actor.signed_in, scope=scope))


def found(scope: Scope, query: str) -> list[tuple[UUID, float]]:
    with unit_of_work(scope) as uow:
        return [(hit.document.id, hit.rank) for hit in search_documents(uow, SearchQuery(q=query)).items]


def test_out_in_and_out_again_is_the_same(lively: Actor, worker: Worker, tmp_path: Path) -> None:
    first = exporting.made(lively, worker)
    imported = exporting.bring_in(first.pack(tmp_path / "export.zip"))
    scope = owner_scope(imported, lively)
    assert worker.jobs_of(imported.organization_id) == []  # nothing was left to read
    again = exporting.start(cast_as(lively, scope))
    worker.run_all()
    second = exporting.unpack(exporting.download(cast_as(lively, scope), again))
    assert content_of(second) == content_of(first)
    assert len(content_of(first)["documents"]) == 7
    assert first.manifest["organization_id"] != second.manifest["organization_id"]
    for query in QUERIES:
        assert found(scope, query) == found(lively.scope, query), query
    assert found(scope, "lantern") != []
    with unit_of_work(scope) as uow:
        assert reconcile(uow) == {}  # the counters are right
        assert read_settings(uow).max_share_days == 21


def test_only_what_was_not_read_yet_is_queued(owner: Actor, worker: Worker, tmp_path: Path) -> None:
    factories.upload(owner.scope, "read.txt", "read already")
    worker.run_all()
    waiting = factories.upload(owner.scope, "waiting.txt", "wanderlust and waiting")
    export = exporting.start(owner)
    run_due(QueueName.BULK)
    path = exporting.unpack(exporting.download(owner, export)).pack(tmp_path / "export.zip")
    imported = exporting.bring_in(path)
    assert imported.queued == 1
    [job] = worker.jobs_of(imported.organization_id)
    assert (job["kind"], job["document_id"]) == ("documents.read", waiting.id)
    worker.run_all()
    scope = owner_scope(imported, owner)
    assert [found_id for found_id, _ in found(scope, "wanderlust")] == [waiting.id]


def test_people_who_are_new_here_choose_a_password_by_link(owner: Actor, worker: Worker, tmp_path: Path) -> None:
    member, gone = cast.member_of(owner), cast.member_of(owner, "Gone Member")
    document = factories.upload(member.scope, "hers.txt", "added by somebody")
    with unit_of_work(owner.scope) as uow:
        remove_member(uow, gone.user_id)
    worker.run_all()
    export = exporting.made(owner, worker)
    lines = export.lines("members")
    new = {line["user_id"]: factories.new_email("moved") for line in lines}
    export.set_lines("members", [{**line, "email": new[line["user_id"]]} for line in lines])
    imported = exporting.bring_in(export.pack(tmp_path / "export.zip"))
    assert set(imported.links) == {new[str(owner.user_id)], new[str(member.user_id)]}  # nobody who was removed
    token = imported.links[new[str(owner.user_id)]].partition("token=")[2]
    session = set_password(token, factories.PASSWORD, ip_address="127.0.0.1", user_agent="tests")
    signed_in = authorize_session(session.token)
    assert (signed_in.scope.organization_id, signed_in.scope.role) == (imported.organization_id, Role.OWNER)
    assert not signed_in.user.is_operator
    with unit_of_work(signed_in.scope) as uow:
        assert get_document(uow, document.id).uploaded_by == member.name
        assert {person.email for person in list_people(uow)} == set(imported.links)


def test_people_who_never_chose_a_password_get_a_link_too(owner: Actor, worker: Worker, tmp_path: Path) -> None:
    """Somebody made on the command line, whose first link has expired meanwhile."""
    email = factories.new_email("waiting")
    create_person(email, "Wanda Waiting")
    export = exporting.made(owner, worker)
    imported = exporting.bring_in(export.pack(tmp_path / "export.zip"), owner_email=email)
    assert set(imported.links) == {email}
    token = imported.links[email].partition("token=")[2]
    session = set_password(token, factories.PASSWORD, ip_address="127.0.0.1", user_agent="tests")
    assert authorize_session(session.token).scope.organization_id == imported.organization_id


def test_a_known_address_is_the_same_person_whatever_its_letters(
    owner: Actor, outsider: Actor, worker: Worker, tmp_path: Path
) -> None:
    export = exporting.made(owner, worker)
    lines = export.lines("members")
    export.set_lines("members", [{**line, "email": line["email"].upper()} for line in lines])
    imported = exporting.bring_in(
        export.pack(tmp_path / "export.zip"), name="Renamed Ltd", owner_email=outsider.email.upper()
    )
    assert (imported.name, imported.links, imported.members) == ("Renamed Ltd", {}, 2)
    for actor in (owner, outsider):
        with unit_of_work(UserScope(actor.user_id, "test")) as uow:
            names = [row[1] for row in uow.repository(UserRepository).memberships()]
        assert "Renamed Ltd" in names


def test_without_an_owner_somebody_has_to_be_named(owner: Actor, worker: Worker, tmp_path: Path) -> None:
    export = exporting.made(owner, worker)
    export.set_lines("members", [{**line, "role": "member"} for line in export.lines("members")])
    path = export.pack(tmp_path / "export.zip")
    with pytest.raises(NoOwner):
        exporting.bring_in(path)
    imported = exporting.bring_in(path, owner_email=owner.email)
    with unit_of_work(owner_scope(imported, owner)) as uow:
        assert [person.role for person in list_people(uow)] == ["owner"]


def test_quarantined_and_missing_bytes_are_left_out_and_named(
    owner: Actor, worker: Worker, tmp_path: Path, servers: Servers
) -> None:
    fine = factories.upload(owner.scope, "fine.txt", "fine")
    infected = factories.upload(owner.scope, "infected.txt", "not to be given out")
    missing = factories.upload(owner.scope, "missing.txt", "its bytes are lost")
    damaged = factories.upload(owner.scope, "damaged.txt", "one bit has turned")
    worker.run_all()
    with servers.as_owner() as connection:
        connection.execute("UPDATE documents SET outcome = 'infected' WHERE id = %s", [infected.id])
    get_blob_store().delete(owner.organization_id, missing.sha256)
    (servers.folder / "blobs" / BlobStore.key(owner.organization_id, damaged.sha256)).write_bytes(b"ONE BIT")
    export = exporting.made(owner, worker)
    left_out = {(left["name"], left["reason"]) for left in export.manifest["left_out"]}
    assert left_out == {("infected.txt", "infected"), ("missing.txt", "missing"), ("damaged.txt", "damaged")}
    assert b"not to be given out" not in b"".join(
        content for name, content in export.members.items() if name.startswith("documents/")
    )
    imported = exporting.bring_in(export.pack(tmp_path / "export.zip"))
    assert (imported.documents, imported.left_out) == (1, 3)
    with unit_of_work(owner_scope(imported, owner)) as uow:
        assert [row.id for row in list_documents(uow, DocumentQuery()).items] == [fine.id]
        assert reconcile(uow) == {}
