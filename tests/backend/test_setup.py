"""The first run: a link that works once, however many people open it."""

from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs, urlsplit

import pytest

from clasio_backend.accounts.authorize import authorize_session
from clasio_backend.accounts.errors import EmailTaken, LinkNotFound
from clasio_backend.accounts.schemas import NewSession, SetUp
from clasio_backend.cli.admin import create_organization
from clasio_backend.core import gateway
from clasio_backend.core.scope import Role
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.organizations.service import list_categories
from clasio_backend.organizations.setup import (
    create_person,
    set_password,
    set_password_link,
    set_up,
    setup_link,
    sign_in_url,
)
from clasio_backend.security.passwords import WeakPassword
from clasio_backend.security.tokens import hash_token
from tests import factories
from tests.servers import Servers

BROWSER = {"ip_address": "127.0.0.1", "user_agent": "tests"}


def wanted(email: str = "ada@example.org", password: str = factories.PASSWORD) -> SetUp:
    return SetUp.model_validate(
        {"organization_name": "Example Ltd", "name": "Ada Example", "email": email, "password": password}
    )


def works(token: str) -> bool:
    return gateway.find_link(hash_token(token), "setup") is not None


def token_of(link: str | None) -> str:
    assert link is not None
    return parse_qs(urlsplit(link).query)["token"][0]


def test_the_link_makes_the_first_operator_and_their_organization(empty_instance: Servers) -> None:
    token = token_of(setup_link())
    assert works(token)
    signed_in = authorize_session(set_up(token, wanted(), **BROWSER).token)
    assert signed_in.user.is_operator
    assert signed_in.scope.role == Role.OWNER
    assert signed_in.organization.name == "Example Ltd"
    with unit_of_work(signed_in.scope) as uow:
        assert len(list_categories(uow)) == 19


def test_the_link_works_once(empty_instance: Servers) -> None:
    token = token_of(setup_link())
    set_up(token, wanted(), **BROWSER)
    assert not works(token)
    with pytest.raises(LinkNotFound):
        set_up(token, wanted("second@example.org"), **BROWSER)


def test_once_somebody_exists_there_is_no_link_and_older_ones_are_dead(empty_instance: Servers) -> None:
    older, newer = token_of(setup_link()), token_of(setup_link())
    set_up(newer, wanted(), **BROWSER)
    assert setup_link() is None
    with pytest.raises(LinkNotFound):
        set_up(older, wanted("second@example.org"), **BROWSER)


def test_of_two_set_ups_at_once_one_wins(empty_instance: Servers) -> None:
    tokens = [token_of(setup_link()) for _ in range(2)] * 2

    def attempt(number: int) -> NewSession | None:
        try:
            return set_up(tokens[number], wanted(f"person{number}@example.org"), **BROWSER)
        except LinkNotFound:
            return None

    with ThreadPoolExecutor(len(tokens)) as pool:
        done = [session for session in pool.map(attempt, range(len(tokens))) if session]
    assert len(done) == 1
    with empty_instance.as_owner() as connection:
        row = connection.execute("SELECT (SELECT count(*) FROM users), (SELECT count(*) FROM organizations)").fetchone()
    assert row == (1, 1)


def test_a_weak_password_leaves_the_link_usable(empty_instance: Servers) -> None:
    token = token_of(setup_link())
    with pytest.raises(WeakPassword):
        set_up(token, wanted(password="Ada Example Ltd Ada"), **BROWSER)
    assert set_up(token, wanted(), **BROWSER)


def test_an_expired_link_is_no_link(empty_instance: Servers) -> None:
    token = token_of(setup_link())
    with empty_instance.as_owner() as connection:
        connection.execute("UPDATE one_time_links SET expires_at = now() - interval '1 second'")
    assert not works(token)
    with pytest.raises(LinkNotFound):
        set_up(token, wanted(), **BROWSER)


def test_a_person_made_on_the_command_line_chooses_a_password_once(servers: Servers) -> None:
    user_id = create_person(factories.new_email("carl"), "Carl Command")
    factories.new_organization(user_id)
    token = token_of(set_password_link(user_id))
    with pytest.raises(WeakPassword):
        set_password(token, "too short", **BROWSER)
    assert authorize_session(set_password(token, factories.PASSWORD, **BROWSER).token).user.id == user_id
    with pytest.raises(LinkNotFound):
        set_password(token, factories.PASSWORD, **BROWSER)


def test_an_owner_of_another_organization_gets_a_fresh_link_until_there_is_a_password(servers: Servers) -> None:
    email = factories.new_email("nora")
    first, second = (create_organization(name, email, None) for name in ("First Ltd", "Second Ltd"))
    assert first["user_id"] == second["user_id"]
    tokens = [token_of(made["sign_in_url"]) for made in (first, second)]
    assert len(set(tokens)) == len(tokens)
    set_password(tokens[1], factories.PASSWORD, **BROWSER)
    with pytest.raises(LinkNotFound):  # a link that was left over is not a way to another password
        set_password(tokens[0], factories.PASSWORD, **BROWSER)
    assert create_organization("Third Ltd", email, None)["sign_in_url"] == sign_in_url()


def test_a_link_serves_its_own_purpose_only(servers: Servers) -> None:
    token = token_of(set_password_link(factories.new_person().id))
    assert not works(token)
    with pytest.raises(LinkNotFound):
        set_up(token, wanted(), **BROWSER)


def test_an_address_belongs_to_one_person_whatever_its_case(servers: Servers) -> None:
    email = factories.new_person().email
    with pytest.raises(EmailTaken):
        create_person(email.upper(), "Somebody Else")


@pytest.mark.parametrize("field", ["organization_name", "name"])
@pytest.mark.parametrize("value", ["", "   ", "x" * 201, "two\nlines", "nul\x00"])
def test_names_are_one_line_of_plain_text(field: str, value: str) -> None:
    with pytest.raises(ValueError, match=field):
        SetUp.model_validate(wanted().model_dump() | {field: value})
