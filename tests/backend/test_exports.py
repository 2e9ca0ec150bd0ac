"""Exports as people have them: who may, what is inside, what is not, and that they go again."""

import hashlib
from concurrent.futures import ThreadPoolExecutor

import pytest
from fastapi import FastAPI

from clasio_backend.activity.schemas import ActivityQuery, Subject
from clasio_backend.activity.service import list_activity
from clasio_backend.core.clock import now
from clasio_backend.core.config import get_settings
from clasio_backend.core.errors import NotFound
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.exports.cleaning import clean_up
from clasio_backend.exports.errors import ExportNotFound, ExportRunning, NotReadyYet
from clasio_backend.exports.schemas import ExportRow, NewExport
from clasio_backend.exports.service import list_exports, open_export, remove_export, request_export
from clasio_backend.integrations.storage import get_blob_store
from clasio_backend.mail.service import list_kept_mails
from clasio_backend.organizations.members import change_member, remove_member
from clasio_backend.organizations.schemas import MemberChange
from tests import cast, exporting, factories
from tests.cast import Actor
from tests.servers import Servers
from tests.worker import Worker


def files_of(actor: Actor) -> list[str]:
    return get_blob_store().list_made(actor.organization_id, "exports")


def ids(actor: Actor) -> list[str]:
    with unit_of_work(actor.scope) as uow:
        return [str(row.id) for row in list_exports(uow)]


def remove(actor: Actor, export: ExportRow) -> None:
    with unit_of_work(actor.scope) as uow:
        remove_export(uow, export.id)


def age(servers: Servers, export: ExportRow, days: int) -> None:
    with servers.as_owner() as connection:
        connection.execute(
            "UPDATE exports SET expires_at = expires_at - make_interval(days => %s) WHERE id = %s", [days, export.id]
        )


def test_members_export_what_is_theirs_and_owners_the_organization(owner: Actor, worker: Worker) -> None:
    member = cast.member_of(owner)
    with pytest.raises(NotFound):
        exporting.start(member)
    own = exporting.start(member, "person")
    whole = exporting.start(owner)
    owners_own = exporting.start(owner, "person")
    worker.run_all()
    assert ids(member) == [str(own.id)]
    assert set(ids(owner)) == {str(whole.id), str(owners_own.id)}
    for export in (whole, owners_own):
        with pytest.raises(ExportNotFound):
            exporting.look(member, export)
    with pytest.raises(ExportNotFound):
        exporting.download(owner, own)
    second_owner = cast.member_of(owner, "Second Owner")
    with unit_of_work(owner.scope) as uow:
        change_member(uow, second_owner.user_id, MemberChange(role="owner"))
    again = cast.again(second_owner)
    assert ids(again) == [str(whole.id)]
    assert exporting.download(again, whole)


def test_who_is_no_owner_any_more_has_no_export_of_the_organization(owner: Actor, worker: Worker) -> None:
    second = cast.member_of(owner, "Second Owner")
    with unit_of_work(owner.scope) as uow:
        change_member(uow, second.user_id, MemberChange(role="owner"))
    as_owner = cast.again(second)
    ready = exporting.start(as_owner)
    worker.run_all()
    waiting = exporting.start(as_owner)
    with unit_of_work(owner.scope) as uow:
        change_member(uow, second.user_id, MemberChange(role="member"))
    with pytest.raises(ExportNotFound):
        exporting.download(cast.again(second), ready)
    worker.run_all()
    assert exporting.look(owner, waiting).state == "failed"
    with unit_of_work(owner.scope) as uow:
        remove_member(uow, second.user_id)
    assert len(files_of(owner)) == 1


def test_one_of_a_kind_is_made_at_a_time(owner: Actor, worker: Worker) -> None:
    exporting.start(owner)
    exporting.start(owner, "person")
    with pytest.raises(ExportRunning):
        exporting.start(owner)
    worker.run_all()
    exporting.start(owner)


def test_progress_is_told_and_a_mail_says_that_it_is_ready(
    owner: Actor, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clasio_backend.exports.archive.REPORT_SECONDS", 0)
    for number in range(3):
        factories.upload(owner.scope, f"{number}.txt")
    export = exporting.start(owner)
    with pytest.raises(NotReadyYet), unit_of_work(owner.scope) as uow:
        open_export(uow, export.id)
    worker.run_all()
    ready = exporting.look(owner, export)
    assert (ready.state, ready.done, ready.total) == ("ready", 3, 3)
    assert ready.job_id is not None
    assert worker.job(ready.job_id)["progress"] == {"done": 3, "total": 3}
    assert ready.expires_at is not None
    assert 6 <= (ready.expires_at - now()).days <= 7
    content = exporting.download(owner, export)
    assert (ready.size_bytes, ready.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    mail = next(mail for mail in list_kept_mails() if mail.to_address == owner.email)
    assert "is ready" in mail.subject
    assert f"{get_settings().base_url}/settings" in mail.text
    with unit_of_work(owner.scope) as uow:
        page = list_activity(uow, ActivityQuery(subject=Subject.EXPORTS))
    told = [(entry.who, entry.sentence, entry.target_name) for entry in page.items]
    assert told == [
        (owner.name, "downloaded the export of", "the organization"),
        ("Clasio", "finished the export of", "the organization"),
        (owner.name, "started an export of", "the organization"),
    ]


def test_an_expired_export_is_gone_for_people_at_once_and_its_file_within_the_hour(
    owner: Actor, worker: Worker, servers: Servers, app: FastAPI
) -> None:
    factories.upload(owner.scope)
    old, new = exporting.start(owner), exporting.start(owner, "person")
    worker.run_all()
    age(servers, old, 7)
    assert ids(owner) == [str(new.id)]
    for path in ("", "/content"):
        assert owner.api(app).get(f"/api/v1/exports/{old.id}{path}").status_code == 404
    assert len(files_of(owner)) == 2
    clean_up()
    assert [name.split("/")[1] for name in files_of(owner)] == [str(new.id)]
    with servers.as_owner() as connection:
        assert connection.execute("SELECT id FROM exports WHERE id = %s", [old.id]).fetchall() == []
    clean_up()
    assert exporting.download(owner, new)


def test_a_clean_up_that_stops_after_the_file_goes_on_with_the_row(
    owner: Actor, worker: Worker, servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = exporting.start(owner)
    worker.run_all()
    age(servers, export, 7)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("clasio_backend.exports.cleaning.ExportRepository.delete", killed)
        with pytest.raises(KeyboardInterrupt):
            clean_up()
    assert files_of(owner) == []
    clean_up()
    with servers.as_owner() as connection:
        assert connection.execute("SELECT id FROM exports WHERE id = %s", [export.id]).fetchall() == []


@pytest.mark.parametrize("state", ["queued", "ready"])
def test_a_removed_export_is_gone_with_its_file(owner: Actor, worker: Worker, servers: Servers, state: str) -> None:
    factories.upload(owner.scope)
    export = exporting.start(owner)
    if state == "ready":
        worker.run_all()
    remove(owner, export)
    with pytest.raises(ExportNotFound):
        exporting.look(owner, export)
    with pytest.raises(ExportNotFound):
        remove(owner, export)
    worker.run_all()
    assert (ids(owner), files_of(owner)) == ([], [])
    exporting.start(owner)  # another may be made
    age(servers, export, 1)
    clean_up()
    with servers.as_owner() as connection:
        assert connection.execute("SELECT id FROM exports WHERE id = %s", [export.id]).fetchall() == []


def test_a_failed_export_says_why_and_another_can_be_started(
    owner: Actor, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = exporting.start(owner)
    assert export.job_id is not None

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a bug")

    with monkeypatch.context() as patched:
        patched.setattr("clasio_backend.exports.making.Collector", broken)
        for _ in range(3):
            worker.make_due(export.job_id)
            worker.run_all()
    failed = exporting.look(owner, export)
    assert failed.state == "failed"
    assert failed.error is not None
    assert "a bug" not in failed.error
    assert files_of(owner) == []
    exporting.start(owner)
    worker.run_all()
    assert len(files_of(owner)) == 1


def test_the_api_from_start_to_download(owner: Actor, outsider: Actor, worker: Worker, app: FastAPI) -> None:
    factories.upload(owner.scope)
    api = owner.api(app)
    started = api.post("/api/v1/exports", json={"kind": "organization"})
    assert started.status_code == 202
    path = f"/api/v1/exports/{started.json()['id']}"
    assert api.post("/api/v1/exports", json={"kind": "organization"}).json()["code"] == "export_running"
    assert api.get(f"{path}/content").json()["code"] == "export_not_ready"
    assert api.post("/api/v1/exports", json={"kind": "everything"}).status_code == 422
    worker.run_all()
    assert api.get(path).json()["state"] == "ready"
    download = owner.browser(app).get(f"{path}/content")
    assert download.headers["content-type"] == "application/octet-stream"
    assert download.headers["content-disposition"].startswith("attachment; filename*=UTF-8''clasio%20export")
    assert int(download.headers["content-length"]) == len(download.content)
    assert exporting.unpack(download.content).manifest["counts"]["documents"] == 1
    stranger = outsider.api(app)
    for answer in (stranger.get(path), stranger.get(f"{path}/content"), stranger.delete(path)):
        assert answer.status_code == 404
    assert api.delete(path).status_code == 204
    assert api.get(path).status_code == 404


def test_bytes_that_are_gone_from_the_store_are_an_error_before_the_answer(
    owner: Actor, worker: Worker, app: FastAPI
) -> None:
    export = exporting.start(owner)
    worker.run_all()
    get_blob_store().clear_made(owner.organization_id, "exports")
    assert owner.api(app).get(f"/api/v1/exports/{export.id}/content").status_code == 503


def test_races_for_the_same_kind_make_one(owner: Actor) -> None:
    def ask(_: int) -> object:
        try:
            with unit_of_work(owner.scope) as uow:
                return request_export(uow, NewExport(kind="person")).id
        except ExportRunning:
            return None

    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(ask, range(4)))
    assert sum(1 for answer in answers if answer) == 1
