import pytest

from clasio_backend.accounts.authorize import authorize_token
from clasio_backend.accounts.schemas import NewToken
from clasio_backend.accounts.service import create_api_token, list_api_tokens, revoke_api_token
from clasio_backend.core.errors import NotFound, NotSignedIn
from clasio_backend.core.scope import Role
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.security.tokens import hash_token, looks_like_api_token, new_api_token
from tests.cast import Actor
from tests.servers import Servers


def test_a_token_acts_as_its_member_in_its_organization(member: Actor) -> None:
    scope = authorize_token(member.api_token)
    assert (scope.organization_id, scope.user_id, scope.role) == (member.organization_id, member.user_id, Role.MEMBER)


def test_a_token_follows_the_role_of_its_member(owner: Actor, servers: Servers) -> None:
    assert authorize_token(owner.api_token).role == Role.OWNER
    with servers.as_owner() as connection:
        connection.execute("UPDATE memberships SET role = 'member' WHERE user_id = %s", [owner.user_id])
    assert authorize_token(owner.api_token).role == Role.MEMBER


def test_only_a_hash_and_the_last_letters_are_kept(owner: Actor, servers: Servers) -> None:
    with servers.as_owner() as connection:
        row = connection.execute(
            "SELECT token_hash, hint, name FROM api_tokens WHERE user_id = %s", [owner.user_id]
        ).fetchone()
    assert row == (hash_token(owner.api_token), owner.api_token[-6:], "Tests")


def test_a_revoked_token_is_dead_at_once(owner: Actor) -> None:
    with unit_of_work(owner.scope) as uow:
        created = create_api_token(uow, NewToken(name="Short-lived"))
    assert authorize_token(created.token)
    with unit_of_work(owner.scope) as uow:
        revoke_api_token(uow, created.id)
        assert created.id not in {row.id for row in list_api_tokens(uow)}
    with pytest.raises(NotSignedIn):
        authorize_token(created.token)


def test_a_colleagues_token_is_neither_listed_nor_revoked(owner: Actor, member: Actor) -> None:
    with unit_of_work(member.scope) as uow:
        members_tokens = list_api_tokens(uow)
    with unit_of_work(owner.scope) as uow:
        assert not {row.id for row in members_tokens} & {row.id for row in list_api_tokens(uow)}
        with pytest.raises(NotFound):
            revoke_api_token(uow, members_tokens[0].id)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE api_tokens SET expires_at = now() - interval '1 second' WHERE user_id = %s",
        "UPDATE memberships SET is_active = false WHERE user_id = %s",
        "UPDATE users SET is_active = false WHERE id = %s",
        "DELETE FROM memberships WHERE user_id = %s",
    ],
)
def test_a_token_ends_with_what_it_stands_on(member: Actor, servers: Servers, change: str) -> None:
    assert authorize_token(member.api_token)
    with servers.as_owner() as connection:
        connection.execute(change.encode(), [member.user_id])
    with pytest.raises(NotSignedIn):
        authorize_token(member.api_token)


@pytest.mark.parametrize("token", [None, "", "clasio_", "Bearer", "clasio_\x00", "clasio_é" * 10, "x" * 10_000])
def test_other_texts_are_no_tokens(servers: Servers, token: str | None) -> None:
    with pytest.raises(NotSignedIn):
        authorize_token(token)


def test_a_mistyped_token_is_seen_without_asking_the_database() -> None:
    token = new_api_token()
    assert looks_like_api_token(token)
    assert not looks_like_api_token(token[:-1] + ("a" if token[-1] != "a" else "b"))
