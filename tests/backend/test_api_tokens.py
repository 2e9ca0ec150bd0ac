from datetime import timedelta

import pytest
from pydantic import ValidationError
from typer.testing import CliRunner

from clasio_backend.accounts.authorize import authorize_token
from clasio_backend.accounts.schemas import NewToken
from clasio_backend.accounts.service import create_api_token, list_api_tokens, revoke_api_token
from clasio_backend.cli.admin import admin_app, create_token
from clasio_backend.core.errors import NotFound, NotSignedIn, OutsideTokenScope
from clasio_backend.core.ids import new_id
from clasio_backend.core.scope import PERMISSIONS, TOKEN_PERMISSIONS, Role, TokenScope
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.security.tokens import hash_token, looks_like_api_token, new_api_token
from tests import factories
from tests.cast import Actor
from tests.servers import Servers


def test_a_token_acts_as_its_member_in_its_organization(member: Actor) -> None:
    scope = authorize_token(member.api_token).scope
    assert (scope.organization_id, scope.user_id, scope.role) == (member.organization_id, member.user_id, Role.MEMBER)


def test_a_token_follows_the_role_of_its_member(owner: Actor, servers: Servers) -> None:
    assert authorize_token(owner.api_token).scope.role == Role.OWNER
    with servers.as_owner() as connection:
        connection.execute("UPDATE memberships SET role = 'member' WHERE user_id = %s", [owner.user_id])
    assert authorize_token(owner.api_token).scope.role == Role.MEMBER


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


@pytest.mark.parametrize("days", [None, 1, 30, 3650])
def test_the_end_is_chosen_when_a_token_is_made(owner: Actor, days: int | None) -> None:
    with unit_of_work(owner.scope) as uow:
        created = create_api_token(uow, NewToken(name="With an end", expires_in_days=days))
        row = next(row for row in list_api_tokens(uow) if row.id == created.id)
    assert row.expires_at == created.expires_at
    assert not row.is_expired
    assert (row.expires_at and round((row.expires_at - row.created_at) / timedelta(days=1))) == days


@pytest.mark.parametrize("days", [0, -1, 3651])
def test_other_ends_are_refused(days: int) -> None:
    with pytest.raises(ValidationError):
        NewToken(name="With an end", expires_in_days=days)


def test_an_expired_token_is_listed_until_it_is_revoked(owner: Actor, servers: Servers) -> None:
    with unit_of_work(owner.scope) as uow:
        created = create_api_token(uow, NewToken(name="Over", expires_in_days=1))
    with servers.as_owner() as connection:
        connection.execute("UPDATE api_tokens SET expires_at = now() WHERE id = %s", [created.id])
    with pytest.raises(NotSignedIn, match="expired"):
        authorize_token(created.token)
    with unit_of_work(owner.scope) as uow:
        assert next(row for row in list_api_tokens(uow) if row.id == created.id).is_expired
        revoke_api_token(uow, created.id)
        assert created.id not in {row.id for row in list_api_tokens(uow)}


@pytest.mark.parametrize("made_for", TokenScope)
def test_a_token_may_never_do_more_than_its_member(owner: Actor, member: Actor, made_for: TokenScope) -> None:
    for actor in (owner, member):
        scope = authorize_token(factories.new_token(actor.scope, made_for)).scope
        of_role = PERMISSIONS[scope.role]
        assert scope.permissions == of_role & TOKEN_PERMISSIONS[made_for]
        assert scope.withheld == of_role - scope.permissions
        assert bool(scope.withheld) == (made_for != TokenScope.EVERYTHING)


@pytest.mark.parametrize("made_for", [TokenScope.READ, TokenScope.ADD])
def test_a_narrow_token_makes_no_token(owner: Actor, made_for: TokenScope) -> None:
    scope = authorize_token(factories.new_token(owner.scope, made_for)).scope
    with pytest.raises(OutsideTokenScope), unit_of_work(scope) as uow:
        create_api_token(uow, NewToken(name="More"))


def test_the_command_line_makes_tokens_with_scope_and_end(owner: Actor) -> None:
    printed = create_token(owner.organization_id, owner.email, TokenScope.READ, 30)
    assert set(printed) == {"token"}
    assert authorize_token(printed["token"]).scope.permissions == TOKEN_PERMISSIONS[TokenScope.READ]
    assert authorize_token(create_token(owner.organization_id, owner.email)["token"]).scope.withheld == frozenset()
    with unit_of_work(owner.scope) as uow:
        without_end, with_end = list_api_tokens(uow)[:2]
    assert (without_end.expires_at, with_end.scope) == (None, TokenScope.READ)
    assert with_end.expires_at is not None


@pytest.mark.parametrize("wrong", [["--scope", "write"], ["--expires-in-days", "0"], ["--expires-in-days", "3651"]])
def test_the_command_line_refuses_other_choices(wrong: list[str]) -> None:
    asked = ["create-token", "--organization", str(new_id()), "--email", "somebody@example.org", *wrong]
    assert CliRunner().invoke(admin_app, asked).exit_code == 2


def test_a_mistyped_token_is_seen_without_asking_the_database() -> None:
    token = new_api_token()
    assert looks_like_api_token(token)
    assert not looks_like_api_token(token[:-1] + ("a" if token[-1] != "a" else "b"))
