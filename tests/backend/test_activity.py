"""Activity: who sees what, in words, page by page, as CSV, for ninety days."""

import csv
import io
from datetime import timedelta

import pytest
from fastapi import FastAPI
from psycopg.errors import InsufficientPrivilege

from clasio_backend.activity.export import harmless
from clasio_backend.activity.schemas import ActivityQuery, ActivityRow, Subject
from clasio_backend.activity.service import list_activity
from clasio_backend.core.clock import now
from clasio_backend.core.errors import NotFound, ValidationFailed
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.documents.schemas import DocumentChange
from clasio_backend.documents.service import change_document
from clasio_backend.documents.trash import trash_document
from clasio_backend.organizations.invites import invite
from clasio_backend.organizations.members import change_member, remove_member
from clasio_backend.organizations.schemas import MemberChange, NewInvite, OrganizationChange
from clasio_backend.organizations.settings import change_settings
from jobs import clean_up
from tests import factories
from tests.cast import Actor
from tests.servers import Servers


def entries(actor: Actor, **query: object) -> tuple[ActivityRow, ...]:
    with unit_of_work(actor.scope) as uow:
        return list_activity(uow, ActivityQuery.model_validate(query)).items


def said(row: ActivityRow) -> str:
    return " ".join(part for part in (row.who, row.sentence, row.target_name, row.detail) if part)


def add_entries(servers: Servers, actor: Actor, count: int, *, age_days: float = 0) -> None:
    with servers.as_owner() as connection:
        connection.execute(
            "INSERT INTO activity (organization_id, id, at, actor, user_id, action, target_kind, details, request_id)"
            " SELECT %s, gen_random_uuid(), now() - make_interval(secs => %s + i), 'user', %s, 'document.uploaded',"
            " 'document', jsonb_build_object('name', 'file ' || i), 'r' FROM generate_series(1, %s) i",
            [actor.organization_id, age_days * 86_400, actor.user_id, count],
        )


def test_entries_are_sentences_that_name_whom_and_how(owner: Actor, member: Actor) -> None:
    email = factories.new_email("nina")
    document = factories.upload(owner.scope, "lease.txt")
    with unit_of_work(owner.scope) as uow:
        invite(uow, NewInvite(email=email, role="owner"))
        change_member(uow, member.user_id, MemberChange(role="owner"))
        change_document(uow, document.id, DocumentChange(category="Contracts", due_on=now().date()))
        change_settings(uow, OrganizationChange(max_share_days=14))
        remove_member(uow, member.user_id)
    assert [said(row) for row in reversed(entries(owner, limit=6))] == [
        f"{owner.name} uploaded lease.txt",
        f"{owner.name} invited {email} as owner",
        f"{owner.name} changed the role of {member.name} from member to owner",
        f"{owner.name} changed lease.txt category, due",
        f"{owner.name} changed the organization's settings longest share from 90 to 14",
        f"{owner.name} removed {member.name}",
    ]


def test_members_see_their_own_entries_and_owners_all(owner: Actor, member: Actor) -> None:
    factories.upload(owner.scope, "of the owner.txt")
    factories.upload(member.scope, "of the member.txt")
    assert {row.who for row in entries(member)} == {member.name}
    assert {row.who for row in entries(owner)} >= {owner.name, member.name}
    assert {row.who for row in entries(owner, person=member.user_id)} == {member.name}
    with pytest.raises(NotFound):
        entries(member, person=owner.user_id)


def test_filters_narrow_by_subject_document_and_time(owner: Actor) -> None:
    first, second = factories.upload(owner.scope), factories.upload(owner.scope)
    with unit_of_work(owner.scope) as uow:
        trash_document(uow, second.id)
    assert {row.action for row in entries(owner, subject="document")} == {"document.uploaded", "document.trashed"}
    assert {row.action for row in entries(owner, subject="token")} == {"token.created"}
    assert {row.target_id for row in entries(owner, document_id=first.id)} == {first.id}
    assert entries(owner, until=now() - timedelta(days=1)) == ()
    assert len(entries(owner, since=now() - timedelta(hours=1))) == len(entries(owner))


def test_every_action_belongs_to_a_subject() -> None:
    from clasio_backend.activity.actions import SENTENCES, Action  # noqa: PLC0415

    assert {action.partition(".")[0] for action in Action} == set(Subject)
    assert set(SENTENCES) == set(Action)


def test_pages_go_through_all_entries_once(owner: Actor, servers: Servers) -> None:
    add_entries(servers, owner, 120)
    seen: list[object] = []
    cursor: str | None = None
    while True:
        with unit_of_work(owner.scope) as uow:
            page = list_activity(uow, ActivityQuery(cursor=cursor, limit=50))
        seen += [row.id for row in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) >= 120


@pytest.mark.parametrize(
    "cursor", ["x", "bm8", "WyJhIiwgImIiXQ", "WyJhIiwgIjAwMDAwMDAwLTAwMDAtMDAwMC0wMDAwLTAwMDAwMDAwMDAwMCJd"]
)
def test_cursors_that_are_not_ours_are_refused(owner: Actor, cursor: str) -> None:
    with pytest.raises(ValidationFailed):
        entries(owner, cursor=cursor)


def test_the_csv_holds_everything_and_no_formula(owner: Actor, servers: Servers, app: FastAPI) -> None:
    factories.upload(owner.scope, '=HYPERLINK("example.org").txt')
    add_entries(servers, owner, 450)
    answer = owner.api(app).get("/api/v1/activity.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert len(rows) == len({tuple(row.values()) for row in rows}) >= 450
    assert rows[0]["action"] == "activity.exported"
    [formula] = [row for row in rows if "HYPERLINK" in row["on"]]
    assert formula["on"].startswith("'=")
    assert not any(cell[:1] in set("=+-@") for row in rows for cell in row.values())


def test_the_csv_of_a_member_holds_their_own(owner: Actor, member: Actor, app: FastAPI) -> None:
    factories.upload(owner.scope, "of the owner.txt")
    rows = list(csv.DictReader(io.StringIO(member.api(app).get("/api/v1/activity.csv").text)))
    assert {row["person"] for row in rows} == {member.name}


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\uff1d1+1"])
def test_cells_that_a_spreadsheet_would_run_are_made_text(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"


def test_entries_are_kept_for_ninety_days(owner: Actor, servers: Servers) -> None:
    add_entries(servers, owner, 2_500, age_days=90.01)
    add_entries(servers, owner, 3, age_days=89.9)
    before = len(entries(owner, limit=200, until=now() - timedelta(days=89)))
    assert before == 200
    clean_up.remove_activity()
    assert len(entries(owner, limit=200, until=now() - timedelta(days=89))) == 3


def test_nobody_but_the_clean_up_removes_or_rewrites(owner: Actor, servers: Servers) -> None:
    for statement in ("DELETE FROM activity", "UPDATE activity SET action = 'x'", "TRUNCATE activity"):
        with servers.as_app() as connection, pytest.raises(InsufficientPrivilege):
            connection.execute(statement.encode())
