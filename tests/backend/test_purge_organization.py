"""When the seven days of an organization are over: nobody gets in, then nothing is left, and nobody else is touched."""

import pytest
from fastapi import FastAPI

from clasio_backend.accounts.authorize import authorize_session, authorize_token
from clasio_backend.accounts.errors import NoOrganization
from clasio_backend.core.errors import NotFound, NotSignedIn
from clasio_backend.core.job_queue import QueueName, claim_next
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.documents.service import get_document
from clasio_backend.integrations.storage import get_blob_store
from clasio_backend.leaving.due import carry_out_due
from clasio_backend.leaving.organization import (
    keep_organization,
)
from clasio_backend.mail.service import list_kept_mails
from tests import factories
from tests.cast import Actor, visitor
from tests.leaving import Calendar, ask_organization, rows_of, stored_files
from tests.owned import Owned, Untouched
from tests.servers import Servers
from tests.worker import Worker


def keep(actor: Actor) -> None:
    with unit_of_work(actor.scope) as uow:
        keep_organization(uow)


def mails_to(actor: Actor) -> list[str]:
    return [mail.subject for mail in list_kept_mails() if mail.to_address == actor.email]


def test_after_seven_days_nobody_gets_in_and_an_hour_later_nothing_is_left(  # noqa: PLR0917
    app: FastAPI,
    owner: Actor,
    member: Actor,
    owned: Owned,
    other_tenant: Actor,
    servers: Servers,
    worker: Worker,
    calendar: Calendar,
) -> None:
    theirs = Untouched(servers, other_tenant.organization_id)
    stored = stored_files(servers, other_tenant.organization_id)
    assert {"documents", "document_texts", "analyses", "shares", "invites", "mails", "api_tokens", "blobs"} <= set(
        rows_of(servers, owner.organization_id)
    )
    assert stored_files(servers, owner.organization_id)
    ask_organization(owner)
    calendar.pass_by(6.99)
    carry_out_due()
    assert owner.api(app).get("/api/v1/documents").status_code == 200

    calendar.pass_by(0.02)
    carry_out_due()
    assert owner.api(app).get("/api/v1/documents").status_code == 401
    assert owner.browser(app).get("/api/v1/documents").status_code == 403
    with pytest.raises(NoOrganization):
        authorize_session(member.cookie)
    with pytest.raises(NotSignedIn):
        authorize_token(member.api_token)
    with pytest.raises(NotFound):
        keep(owner)
    with pytest.raises(NotFound):
        factories.upload(owner.scope)  # a request that was under way
    assert "is deleted" in mails_to(owner)[0]
    assert rows_of(servers, owner.organization_id)["documents"] == 2

    calendar.pass_by(0.05)
    carry_out_due()
    assert rows_of(servers, owner.organization_id) == {}
    assert stored_files(servers, owner.organization_id) == []
    theirs.check("the purge of another organization")
    assert stored_files(servers, other_tenant.organization_id) == stored
    carry_out_due()  # nothing is left to do
    with servers.as_owner() as connection:
        events = connection.execute(
            "SELECT count(*) FROM security_events"
            " WHERE kind = 'organization_deleted' AND details->>'organization_id' = %s",
            [str(owner.organization_id)],
        ).fetchone()
    assert events == (1,)
    worker.run_all()


def test_people_go_on_in_their_other_organizations(
    owner: Actor, outsider: Actor, calendar: Calendar, app: FastAPI
) -> None:
    factories.join(outsider.organization_id, owner.user_id)
    session = factories.new_session(owner.user_id)
    ask_organization(owner)
    calendar.carry_out()
    signed_in = authorize_session(session.token)
    assert [choice.id for choice in signed_in.organizations] == [outsider.organization_id]
    # Who is in no organization any more keeps an account, and can delete that too.
    answer = visitor(app).post("/auth/sign-in", data={"email": owner.email, "password": factories.PASSWORD})
    assert answer.headers["location"] == "/"


def test_what_was_called_off_in_the_last_moment_stays(owner: Actor, calendar: Calendar) -> None:
    document = factories.upload(owner.scope)
    ask_organization(owner)
    calendar.pass_by(8)
    keep(owner)
    carry_out_due()
    with unit_of_work(owner.scope) as uow:
        assert get_document(uow, document.id).id == document.id


def test_bytes_that_no_row_knows_go_too(owner: Actor, servers: Servers, calendar: Calendar, tmp_path: object) -> None:
    """An upload that crashed between its bytes and its rows left them."""
    factories.upload(owner.scope)
    folder = servers.folder / "blobs" / str(owner.organization_id)
    (folder / "ff").mkdir()
    (folder / "ff" / ("f" * 64)).write_bytes(b"of a crash")
    (folder / "ff" / "unfinished#1").write_bytes(b"half of a file")
    ask_organization(owner)
    calendar.carry_out()
    assert stored_files(servers, owner.organization_id) == []


def test_a_worker_that_still_has_a_job_of_it_ends_first(
    owner: Actor, servers: Servers, worker: Worker, calendar: Calendar
) -> None:
    document = factories.upload(owner.scope)
    ask_organization(owner)
    calendar.pass_by(7.01)
    claimed = claim_next(QueueName.READ, 8)
    assert claimed is not None
    carry_out_due()
    calendar.pass_by(0.05)
    carry_out_due()
    assert rows_of(servers, owner.organization_id)["documents"] == 1
    assert get_blob_store().has(owner.organization_id, document.sha256)
    with servers.as_owner() as connection:
        connection.execute("UPDATE jobs SET state = 'failed' WHERE id = %s", [claimed[0].job_id])
    carry_out_due()
    assert rows_of(servers, owner.organization_id) == {}


def test_jobs_that_had_not_begun_do_not_begin(owner: Actor, worker: Worker, calendar: Calendar) -> None:
    factories.upload(owner.scope)
    ask_organization(owner)
    calendar.pass_by(7.01)
    carry_out_due()
    assert {job["state"] for job in worker.jobs_of(owner.organization_id)} == {"cancelled"}


def test_one_that_fails_keeps_no_other_waiting(
    owner: Actor, outsider: Actor, servers: Servers, calendar: Calendar, monkeypatch: pytest.MonkeyPatch
) -> None:
    for actor in (owner, outsider):
        factories.upload(actor.scope)
        ask_organization(actor)
    store = get_blob_store()
    remove = store.delete_some

    def broken(organization_id: object, batch: int) -> int:
        if organization_id == owner.organization_id:
            raise OSError("the store is away")
        return remove(outsider.organization_id, batch)

    monkeypatch.setattr(store, "delete_some", broken)
    calendar.pass_by(7.01)
    carry_out_due()
    calendar.pass_by(0.05)
    with pytest.raises(ExceptionGroup):
        carry_out_due()
    assert rows_of(servers, outsider.organization_id) == {}
    assert set(rows_of(servers, owner.organization_id)) >= {"organizations"}
    monkeypatch.undo()
    carry_out_due()
    assert rows_of(servers, owner.organization_id) == {}
