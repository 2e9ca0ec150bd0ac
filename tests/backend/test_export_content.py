"""What is in an export, and what is never in one."""

import hashlib
import json

import pytest

from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.documents.schemas import DocumentChange
from clasio_backend.documents.service import change_document
from clasio_backend.documents.trash import trash_document
from clasio_backend.exports import lines
from clasio_backend.exports.archive import safe_name
from clasio_backend.exports.lines import DocumentLine, ExportLine, MemberLine, ProfileLine, ShareLine
from clasio_backend.models import (
    Activity,
    Analysis,
    Category,
    Document,
    DocumentText,
    Membership,
    Organization,
    Share,
    User,
)
from clasio_backend.sharing.schemas import NewShare
from clasio_backend.sharing.service import share_document
from tests import cast, exporting, factories
from tests.cast import Actor
from tests.servers import Servers
from tests.worker import Worker


def test_an_export_of_the_organization_holds_everything(owner: Actor, worker: Worker) -> None:
    member = cast.member_of(owner)
    first = factories.upload(owner.scope, "first: a/b.txt", "the first bytes")
    second = factories.upload(member.scope, "second.txt", "the second bytes")
    worker.run_all()
    with unit_of_work(owner.scope) as uow:
        change_document(uow, first.id, DocumentChange(category="Contracts"))
        trash_document(uow, second.id)
        share_document(uow, first.id, NewShare(email="reader@example.org", password="under the stone"))
    export = exporting.made(owner, worker)
    manifest = export.manifest
    assert (manifest["format"], manifest["schema_version"], manifest["kind"]) == ("clasio-export", 3, "organization")
    assert manifest["counts"]["documents"] == 2
    for member_of_zip in manifest["members"]:
        content = export.members[member_of_zip["name"]]
        assert member_of_zip["size_bytes"] == len(content)
        assert member_of_zip["sha256"] == hashlib.sha256(content).hexdigest()
    assert {one["name"] for one in manifest["members"]} == set(export.members)
    lines = {line["name"]: line for line in export.lines("documents")}
    assert export.members[lines["b.txt"]["file"]] == b"the first bytes"
    assert lines["b.txt"]["value_sources"]["category"] == "human"
    assert lines["b.txt"]["value_sources"]["document_type"] == "local"
    assert lines["second.txt"]["deleted_by"] == str(owner.user_id)
    assert {line["text"].strip() for line in export.lines("texts")} == {"the first bytes", "the second bytes"}
    assert len(export.lines("analyses")) == 2
    assert {(line["email"], line["role"]) for line in export.lines("members")} == {
        (owner.email, "owner"),
        (member.email, "member"),
    }
    [share] = export.lines("shares")
    assert (share["email"], share["open_count"]) == ("reader@example.org", 0)
    assert {line["action"] for line in export.lines("activity")} >= {"document.uploaded", "share.created"}
    assert "Contracts" in {line["name"] for line in export.lines("categories")}
    assert json.loads(export.members["organization.json"])["name"] == f"{owner.name}'s company"


def test_nothing_that_opens_anything_is_in_an_export(owner: Actor, worker: Worker, servers: Servers) -> None:
    document = factories.upload(owner.scope)
    with unit_of_work(owner.scope) as uow:
        share_document(uow, document.id, NewShare(email="reader@example.org", password="under the stone"))
    with servers.as_owner() as connection:
        rows = connection.execute(
            "SELECT encode(token_hash, 'hex') FROM shares UNION SELECT encode(token_hash, 'hex') FROM api_tokens"
            " UNION SELECT encode(token_hash, 'hex') FROM sessions UNION SELECT password_hash FROM users"
            " UNION SELECT password_hash FROM shares UNION SELECT hint FROM api_tokens"
        ).fetchall()
    secrets = {row[0] for row in rows if row[0]}
    assert len(secrets) > 4
    for kind in ("organization", "person"):
        content = b"".join(exporting.made(owner, worker, kind).members.values()).decode()  # type: ignore[arg-type]
        assert [secret for secret in secrets if secret in content] == []


def test_an_export_of_a_person_holds_what_is_theirs(owner: Actor, worker: Worker, other_tenant: Actor) -> None:
    member = cast.member_of(owner)
    factories.join(other_tenant.organization_id, member.user_id)
    hers = factories.upload(member.scope, "hers.txt", "her bytes")
    factories.upload(owner.scope, "his.txt", "his bytes")
    worker.run_all()
    with unit_of_work(owner.scope) as uow:
        share_document(uow, hers.id, NewShare(email="his.reader@example.org"))
    with unit_of_work(member.scope) as uow:
        share_document(uow, hers.id, NewShare(email="her.reader@example.org"))
    factories.new_identity(member.user_id, "her@provider.example")
    export = exporting.made(member, worker, "person")
    assert export.manifest["kind"] == "person"
    assert json.loads(export.members["profile.json"])["email"] == member.email
    assert [line["name"] for line in export.lines("documents")] == ["hers.txt"]
    assert [line["email"] for line in export.lines("shares")] == ["her.reader@example.org"]
    assert {line["user_id"] for line in export.lines("activity")} == {str(member.user_id)}
    assert [line["name"] for line in export.lines("tokens")] == ["Tests"]
    assert {line["organization_id"] for line in export.lines("memberships")} == {
        str(owner.organization_id),
        str(other_tenant.organization_id),
    }
    assert [line["user_agent"] for line in export.lines("sessions")] == ["tests"]
    assert [line["email"] for line in export.lines("identities")] == ["her@provider.example"]
    content = b"".join(export.members.values()).decode()
    for foreign in (owner.email, "his.txt", "his bytes", "secret plan.txt", "his.reader@example.org"):
        assert foreign not in content


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("a.txt", "a.txt"),
        ("x:y?.txt", "x_y_.txt"),
        ("CON", "CON_"),
        ("a. not an ending of a name", "a. not an ending of a name"),
        ("é" * 251 + ".txt", "é" * 75 + ".txt"),
    ],
)
def test_names_in_the_file_can_be_unpacked_everywhere(name: str, safe: str) -> None:
    assert safe_name(name) == safe
    assert len(safe_name(name).encode()) <= 200


NOT_EXPORTED: dict[type, set[str]] = {
    # What can be undone is of this place, and so is what its virus scanner said: another scans again.
    Document: {
        *("organization_id", "earlier_values", "scan_signature", "scan_engine", "release_reason"),
        "token_id",  # tokens stay behind
    },
    DocumentText: {"organization_id", "vector"},  # made from the text again
    Analysis: {"organization_id", "job_id", "requested_by"},  # jobs and what the month's usage counts stay behind
    Category: {"organization_id", "merged_into_id"},  # a merge goes on where it began
    Membership: {"organization_id", "id"},  # known by its person
    # What is being deleted is exported as it was. Elsewhere nobody has a second factor yet, so its owners decide anew.
    Organization: {"deleted_at", "deletion_due_at", "requires_second_factor"},
    Share: {"organization_id", "token_hash", "password_hash", "told_at"},  # nothing that opens it
    Activity: {"organization_id"},
    User: {
        "password_hash",
        "is_operator",
        "is_active",
        "deleted_at",
        "deletion_due_at",
        "deletion_takes_documents",
        "email_verified_at",  # another Clasio has to see it for itself
    },
}


def test_every_column_is_exported_or_left_out_on_purpose() -> None:
    """A new column has to be decided about: it is another schema version, or stands above."""

    def columns(model: type) -> set[str]:
        return set(model.__table__.columns.keys())  # type: ignore[attr-defined]

    exported: dict[type, type[ExportLine]] = {
        Document: DocumentLine,
        DocumentText: lines.TextLine,
        Analysis: lines.AnalysisLine,
        Category: lines.CategoryLine,
        Membership: MemberLine,
        Organization: lines.OrganizationLine,
        Share: ShareLine,
        Activity: lines.ActivityLine,
        User: ProfileLine,
    }
    for model, line in exported.items():
        missing = columns(model) - set(line.model_fields) - NOT_EXPORTED[model]
        assert missing == set(), f"{model.__name__}: {missing}"
