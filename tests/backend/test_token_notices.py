from uuid import UUID

import pytest

from clasio_backend.accounts.schemas import NewToken
from clasio_backend.accounts.service import create_api_token, revoke_api_token
from clasio_backend.core.instance_jobs import InstanceJobKind
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.mail.service import list_kept_mails
from jobs.handlers import INSTANCE_HANDLERS
from tests.cast import Actor
from tests.servers import Servers


def made(actor: Actor, name: str, days: int | None = 30) -> UUID:
    with unit_of_work(actor.scope) as uow:
        return create_api_token(uow, NewToken(name=name, expires_in_days=days)).id


def let_pass(servers: Servers, token_id: UUID, days: int) -> None:
    with servers.as_owner() as connection:
        connection.execute(
            "UPDATE api_tokens SET created_at = created_at - %(days)s * interval '1 day',"
            " expires_at = expires_at - %(days)s * interval '1 day' WHERE id = %(id)s",
            {"days": days, "id": token_id},
        )


def subjects(actor: Actor) -> list[str]:
    INSTANCE_HANDLERS[InstanceJobKind.SHARE_NOTICES]()
    return [mail.subject for mail in list_kept_mails() if mail.to_address == actor.email]


def test_the_owner_is_told_once_a_week_before_a_token_ends(owner: Actor, member: Actor, servers: Servers) -> None:
    nightly = made(owner, "Nightly")
    made(owner, "Later")
    made(owner, "For ever", None)
    let_pass(servers, nightly, 22)
    assert subjects(owner) == []
    let_pass(servers, nightly, 2)
    assert subjects(owner) == ["Your API token “Nightly” ends soon"]
    let_pass(servers, nightly, 3)
    assert subjects(owner) == ["Your API token “Nightly” ends soon"]
    assert subjects(member) == []


def test_who_chose_a_week_is_not_told(owner: Actor) -> None:
    made(owner, "For a week", 7)
    assert subjects(owner) == []


def test_nobody_is_told_of_a_token_that_has_ended_already(owner: Actor, servers: Servers) -> None:
    expired, revoked = made(owner, "Expired"), made(owner, "Revoked")
    let_pass(servers, expired, 31)
    let_pass(servers, revoked, 25)
    with unit_of_work(owner.scope) as uow:
        revoke_api_token(uow, revoked)
    assert subjects(owner) == []


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE memberships SET is_active = false WHERE user_id = %s",
        "UPDATE users SET is_active = false WHERE id = %s",
    ],
)
def test_who_was_switched_off_is_not_told(member: Actor, servers: Servers, change: str) -> None:
    let_pass(servers, made(member, "Nightly"), 25)
    with servers.as_owner() as connection:
        connection.execute(change.encode(), [member.user_id])
    assert subjects(member) == []
