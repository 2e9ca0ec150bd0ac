"""Deleting an organization: who may, what rests meanwhile, and calling it off."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from clasio_backend.accounts.errors import LinkNotFound, WrongPassword
from clasio_backend.activity.service import list_latest
from clasio_backend.core.clock import now
from clasio_backend.core.errors import NotFound
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.documents.service import open_content, stream_content
from clasio_backend.leaving.errors import NameDiffers
from clasio_backend.leaving.organization import (
    ask_organization_deletion,
    keep_organization,
    read_organization_deletion,
)
from clasio_backend.leaving.schemas import OrganizationDeletion
from clasio_backend.mail.service import list_kept_mails
from clasio_backend.organizations.errors import OrganizationClosing
from clasio_backend.organizations.invites import invite, resend_invite, view_invite
from clasio_backend.organizations.schemas import NewInvite
from clasio_backend.sharing.errors import ShareNotFound
from clasio_backend.sharing.schemas import NewShare
from clasio_backend.sharing.service import list_shares, share_document, tell_sharers
from clasio_backend.sharing.visits import open_share
from tests import factories
from tests.cast import Actor
from tests.leaving import ask_organization, second_owner
from tests.servers import Servers
from tests.worker import Worker


def keep(actor: Actor) -> None:
    with unit_of_work(actor.scope) as uow:
        keep_organization(uow)


def is_closing(actor: Actor) -> bool:
    with unit_of_work(actor.scope) as uow:
        return read_organization_deletion(uow).due_at is not None


def actions(actor: Actor) -> list[str]:
    with unit_of_work(actor.scope) as uow:
        return [row.action for row in list_latest(uow) if row.action.startswith("organization.")]


def mails_to(actor: Actor) -> list[str]:
    return [mail.subject for mail in list_kept_mails() if mail.to_address == actor.email]


def test_only_an_owner_who_types_the_name_and_their_password_may(owner: Actor, member: Actor, outsider: Actor) -> None:
    right = {"name": f"{owner.name}'s company", "password": factories.PASSWORD}
    for wrong, error in (({"name": "Something else"}, NameDiffers), ({"password": "not this one"}, WrongPassword)):
        with pytest.raises(error):
            ask_organization_deletion(owner.scope, OrganizationDeletion.model_validate(right | wrong))
    with pytest.raises(NotFound):
        ask_organization_deletion(member.scope, OrganizationDeletion.model_validate(right))
    with pytest.raises(NameDiffers):
        ask_organization_deletion(outsider.scope, OrganizationDeletion.model_validate(right))
    assert not is_closing(owner)
    ask_organization(owner)
    assert is_closing(member)
    with pytest.raises(NotFound):
        keep(member)
    assert is_closing(owner)


def test_while_it_waits_nothing_new_comes_in_and_everything_can_be_read(owner: Actor, worker: Worker) -> None:
    document = factories.upload(owner.scope, "kept.txt", "all of this stays readable")
    worker.run_all()
    with unit_of_work(owner.scope) as uow:
        shared = share_document(uow, document.id, NewShare())
        invited = invite(uow, NewInvite(email=factories.new_email("ina")))
    share_token, invite_token = shared.link.rpartition("/")[2], invited.link.rpartition("=")[2]
    open_share(share_token, None)
    ask_organization(owner)

    with pytest.raises(OrganizationClosing):
        factories.upload(owner.scope, "late.txt")
    with pytest.raises(OrganizationClosing), unit_of_work(owner.scope) as uow:
        share_document(uow, document.id, NewShare())
    with pytest.raises(OrganizationClosing), unit_of_work(owner.scope) as uow:
        invite(uow, NewInvite(email=factories.new_email("ida")))
    with pytest.raises(OrganizationClosing), unit_of_work(owner.scope) as uow:
        resend_invite(uow, invited.id)
    with pytest.raises(ShareNotFound):
        open_share(share_token, None)
    with pytest.raises(LinkNotFound):
        view_invite(invite_token)
    with unit_of_work(owner.scope) as uow:
        assert list_shares(uow) == []
        content = open_content(uow, document.id)
    assert b"".join(stream_content(content)) == b"all of this stays readable"

    keep(owner)
    open_share(share_token, None)
    assert view_invite(invite_token).email == invited.email
    factories.upload(owner.scope, "again.txt")
    with unit_of_work(owner.scope) as uow:
        assert [row.id for row in list_shares(uow)] == [shared.id]
    assert actions(owner)[:2] == ["organization.kept", "organization.deletion_asked"]


def test_the_api_says_so_before_bytes_are_sent(app: FastAPI, owner: Actor, member: Actor) -> None:
    client = owner.api(app)
    wanted = {"name": f"{owner.name}'s company", "password": factories.PASSWORD}
    answer = client.post("/api/v1/organization/deletion", json=wanted | {"password": "wrong"})
    assert (answer.status_code, answer.json()["code"]) == (422, "wrong_password")
    assert factories.PASSWORD not in answer.text
    first = client.post("/api/v1/organization/deletion", json=wanted)
    second = client.post("/api/v1/organization/deletion", json=wanted)
    assert (first.status_code, second.status_code) == (202, 202)
    assert first.json()["due_at"] == second.json()["due_at"]
    refused = client.post("/api/v1/documents", files={"file": ("late.txt", b"late")})
    assert (refused.status_code, refused.json()["code"]) == (409, "organization_closing")
    for_member = member.api(app).get("/api/v1/organization/deletion").json()
    assert (for_member["due_at"], for_member["may_delete"]) == (first.json()["due_at"], False)
    assert member.api(app).delete("/api/v1/organization/deletion").status_code == 404
    assert client.delete("/api/v1/organization/deletion").status_code == 204
    assert client.delete("/api/v1/organization/deletion").status_code == 204
    assert client.get("/api/v1/organization/deletion").json()["due_at"] is None


def test_every_owner_is_told_once_and_members_are_not(owner: Actor, member: Actor) -> None:
    other = second_owner(owner)
    ask_organization(owner)
    ask_organization(other)
    assert [len(mails_to(actor)) for actor in (owner, other, member)] == [1, 1, 0]
    assert "will be deleted on" in mails_to(other)[0]
    keep(other)
    assert mails_to(owner)[0].endswith("will not be deleted")


def test_two_clicks_start_the_seven_days_once(owner: Actor) -> None:
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: ask_organization(owner), range(4)))
    with unit_of_work(owner.scope) as uow:
        due_at = read_organization_deletion(uow).due_at
    assert due_at is not None
    assert timedelta(days=6, hours=23) < due_at - now() <= timedelta(days=7)
    assert actions(owner).count("organization.deletion_asked") == 1
    assert len(mails_to(owner)) == 1


def test_one_owner_calls_it_off_while_another_asks(owner: Actor) -> None:
    other = second_owner(owner)
    for _ in range(5):
        with ThreadPoolExecutor(2) as threads:
            for done in [threads.submit(ask_organization, owner), threads.submit(keep, other)]:
                done.result()
        story = [action for action in actions(owner) if action != "organization.created"]
        assert is_closing(owner) == (bool(story) and story[0] == "organization.deletion_asked")
        for earlier, later in zip(story[1:], story, strict=False):
            assert earlier != later  # each step changed something
    keep(owner)


def test_sharers_are_not_told_of_shares_that_rest(owner: Actor, servers: Servers) -> None:
    document = factories.upload(owner.scope)
    with unit_of_work(owner.scope) as uow:
        share_document(uow, document.id, NewShare(password=SecretStr("a long enough one")))
    with servers.as_owner() as connection:
        connection.execute(
            "UPDATE shares SET expires_at = now() + interval '1 day', created_at = now() - interval '9 days'"
            " WHERE organization_id = %s",
            [owner.organization_id],
        )
    ask_organization(owner)
    tell_sharers()
    assert not any("ends soon" in subject for subject in mails_to(owner))
    keep(owner)
    tell_sharers()
    assert any("ends soon" in subject for subject in mails_to(owner))
