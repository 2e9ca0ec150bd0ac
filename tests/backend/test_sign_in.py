from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from clasio_backend.accounts.authorize import authorize_session
from clasio_backend.accounts.errors import NoOrganization, WrongCredentials
from clasio_backend.accounts.schemas import NewSession
from clasio_backend.accounts.service import confirm_password, note_sign_in, sign_in, sign_out, switch_organization
from clasio_backend.activity.service import list_latest
from clasio_backend.core.errors import ClasioError, NotFound, NotSignedIn, TooManyRequests
from clasio_backend.core.ids import new_id
from clasio_backend.core.scope import UserScope
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.security import rates
from clasio_backend.security.tokens import hash_token
from tests import factories
from tests.cast import Actor
from tests.servers import Servers


def try_to_sign_in(email: str, password: str = factories.PASSWORD, *, address: str | None = None) -> NewSession:
    """From an address of its own, so that the limit per address does not join the tests."""
    address = address or f"test-{new_id()}"
    return sign_in(email, password, ip_address=address, user_agent="tests", request_id=new_id().hex)


def age_session(servers: Servers, token: str, column: str, days: float) -> None:
    with servers.as_owner() as connection:
        connection.execute(
            f"UPDATE sessions SET {column} = {column} - make_interval(secs => %s) WHERE token_hash = %s".encode(),
            [days * 86_400, hash_token(token)],
        )


def test_the_right_password_opens_a_session_in_the_persons_organization(owner: Actor) -> None:
    session = try_to_sign_in(owner.email.upper())
    signed_in = authorize_session(session.token)
    assert signed_in.user.id == owner.user_id
    assert signed_in.scope.organization_id == owner.organization_id
    assert [choice.id for choice in signed_in.organizations] == [owner.organization_id]


def test_each_sign_in_is_a_session_of_its_own(owner: Actor, servers: Servers) -> None:
    first, second = try_to_sign_in(owner.email), try_to_sign_in(owner.email)
    assert first.token != second.token
    with servers.as_owner() as connection:
        row = connection.execute(
            "SELECT count(*) FROM sessions WHERE token_hash = %s", [first.token.encode()]
        ).fetchone()
    assert row == (0,)  # the token itself is stored nowhere


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(owner: Actor) -> None:
    with pytest.raises(WrongCredentials) as wrong:
        try_to_sign_in(owner.email, "not the password at all")
    with pytest.raises(WrongCredentials) as unknown:
        try_to_sign_in(factories.new_email("nobody"))
    assert (wrong.value.message, wrong.value.code, wrong.value.status) == (
        unknown.value.message,
        unknown.value.code,
        unknown.value.status,
    )


@pytest.mark.parametrize("email", ["", "a@b", "' OR 1=1 --", "x" * 320, "\u202e@example.org", "%"])
def test_odd_addresses_are_only_wrong(servers: Servers, email: str) -> None:
    with pytest.raises(WrongCredentials):
        try_to_sign_in(email)


def test_a_failed_sign_in_is_written_down_without_the_password(owner: Actor, servers: Servers) -> None:
    with pytest.raises(WrongCredentials):
        try_to_sign_in(owner.email, "not the password at all")
    with servers.as_owner() as connection:
        rows = connection.execute("SELECT kind, details FROM security_events WHERE user_id = %s", [owner.user_id])
        assert rows.fetchall() == [("sign_in_failed", {})]


def test_after_ten_failures_an_account_is_closed_for_a_while(owner: Actor, member: Actor) -> None:
    for _ in range(10):
        with pytest.raises(WrongCredentials):
            try_to_sign_in(owner.email, "not the password at all")
    with pytest.raises(TooManyRequests) as refused:
        try_to_sign_in(owner.email)  # even with the right password
    assert 0 < refused.value.retry_after <= 300
    assert try_to_sign_in(member.email).user_id == member.user_id  # others are not touched


def test_unknown_addresses_are_slowed_down_like_known_ones(servers: Servers) -> None:
    email = factories.new_email("nobody")
    for _ in range(10):
        with pytest.raises(WrongCredentials):
            try_to_sign_in(email)
    with pytest.raises(TooManyRequests):
        try_to_sign_in(email)


def outcomes(attempt: Callable[[int], object], many: int = 40) -> Counter[str]:
    """What became of so many attempts at once, by the name of the error."""

    def one(number: int) -> str:
        try:
            attempt(number)
        except ClasioError as error:
            return type(error).__name__
        return "right"

    with ThreadPoolExecutor(many) as pool:
        return Counter(pool.map(one, range(many)))


def test_guesses_at_once_are_no_more_than_ten(owner: Actor) -> None:
    wrong = "not the password at all"
    found = outcomes(lambda _: try_to_sign_in(owner.email, wrong))
    assert found == {"WrongCredentials": 10, "TooManyRequests": 30}
    with pytest.raises(TooManyRequests):
        try_to_sign_in(owner.email)
    person = UserScope(owner.user_id, "test")
    assert outcomes(lambda _: confirm_password(person, wrong)) == {"WrongPassword": 10, "TooManyRequests": 30}


def test_right_passwords_use_nothing_up(owner: Actor) -> None:
    for _ in range(12):
        assert try_to_sign_in(owner.email)
        assert confirm_password(UserScope(owner.user_id, "test"), owner.password)
    with pytest.raises(WrongCredentials):
        try_to_sign_in(owner.email, "not the password at all")


def test_an_address_that_is_stopped_uses_up_no_account(owner: Actor, member: Actor) -> None:
    address = f"test-{new_id()}"
    for number in range(50):  # ten for each of five accounts
        with pytest.raises(WrongCredentials):
            try_to_sign_in(f"{number // 10}-{address}@example.org", address=address)
    for _ in range(12):
        with pytest.raises(TooManyRequests):
            try_to_sign_in(member.email, "not the password at all", address=address)
    assert try_to_sign_in(member.email)


def test_another_spelling_of_the_address_is_the_same_account(servers: Servers) -> None:
    """Postgres takes the Turkish İ for an i, Python's `lower` does not."""
    person = factories.new_person("Inigo", email=f"inigo-{new_id()}@example.org")
    spellings = [person.email.replace("i", "İ", count) for count in range(3)]
    for attempt in range(10):
        with pytest.raises(WrongCredentials):
            try_to_sign_in(spellings[attempt % 3], "not the password at all")
    for spelling in spellings:
        with pytest.raises(TooManyRequests):
            try_to_sign_in(spelling, "not the password at all")


def test_a_redis_that_hangs_holds_nobody_up(owner: Actor, servers: Servers) -> None:
    """Each process counts for itself then; without a limit of time every thread of the web process would wait."""
    with servers.hanging_redis():
        with pytest.raises(WrongCredentials):
            try_to_sign_in(owner.email, "not the password at all")
        assert try_to_sign_in(owner.email)


def test_the_limits_cover_the_account_the_address_and_everybody() -> None:
    assert [limit.key for limit in rates.sign_in("ada@example.org", "192.0.2.7")] == [
        "ada@example.org",
        "192.0.2.7",
        "all",
        "192.0.2.7",
    ]


def test_a_session_left_alone_for_a_week_is_over(owner: Actor, servers: Servers) -> None:
    session = try_to_sign_in(owner.email)
    age_session(servers, session.token, "last_used_at", 6.9)
    assert authorize_session(session.token)  # counts as use
    age_session(servers, session.token, "last_used_at", 6.9)
    assert authorize_session(session.token)
    age_session(servers, session.token, "last_used_at", 7.1)
    with pytest.raises(NotSignedIn):
        authorize_session(session.token)


def test_a_session_in_daily_use_is_over_after_thirty_days(owner: Actor, servers: Servers) -> None:
    session = try_to_sign_in(owner.email)
    age_session(servers, session.token, "expires_at", 29.9)
    assert authorize_session(session.token)
    age_session(servers, session.token, "expires_at", 0.2)
    with pytest.raises(NotSignedIn):
        authorize_session(session.token)


@pytest.mark.parametrize("token", [None, "", "unknown", "x" * 10_000, "\x00", "é"])
def test_other_tokens_open_nothing(servers: Servers, token: str | None) -> None:
    with pytest.raises(NotSignedIn):
        authorize_session(token)


def test_signing_out_ends_this_session_only(owner: Actor) -> None:
    first, second = try_to_sign_in(owner.email), try_to_sign_in(owner.email)
    sign_out(authorize_session(first.token))
    with pytest.raises(NotSignedIn):
        authorize_session(first.token)
    assert authorize_session(second.token)


def test_signing_in_and_out_is_written_down(owner: Actor) -> None:
    signed_in = authorize_session(try_to_sign_in(owner.email).token)
    note_sign_in(signed_in)
    sign_out(signed_in)
    with unit_of_work(owner.scope) as uow:
        actions = [row.action for row in list_latest(uow, limit=2)]
    assert actions == ["account.signed_out", "account.signed_in"]


def test_a_membership_that_is_switched_off_ends_access_at_once(owner: Actor, member: Actor, servers: Servers) -> None:
    session = try_to_sign_in(member.email)
    with servers.as_owner() as connection:
        connection.execute("UPDATE memberships SET is_active = false WHERE user_id = %s", [member.user_id])
    with pytest.raises(NoOrganization):
        authorize_session(session.token)
    with servers.as_owner() as connection:
        connection.execute("UPDATE memberships SET is_active = true WHERE user_id = %s", [member.user_id])
    assert authorize_session(session.token).scope.organization_id == owner.organization_id


def test_a_person_who_is_switched_off_cannot_come_in(owner: Actor, servers: Servers) -> None:
    session = try_to_sign_in(owner.email)
    with servers.as_owner() as connection:
        connection.execute("UPDATE users SET is_active = false WHERE id = %s", [owner.user_id])
    with pytest.raises(NotSignedIn):
        authorize_session(session.token)
    with pytest.raises(WrongCredentials):
        try_to_sign_in(owner.email)


def test_a_person_without_a_password_cannot_sign_in(servers: Servers) -> None:
    user = factories.new_person()
    with servers.as_owner() as connection:
        connection.execute("UPDATE users SET password_hash = NULL WHERE id = %s", [user.id])
    for password in ("", "a password that nobody has"):
        with pytest.raises(WrongCredentials):
            try_to_sign_in(user.email, password)


def test_a_weaker_hash_is_replaced_at_sign_in(owner: Actor, servers: Servers) -> None:
    from argon2 import PasswordHasher  # noqa: PLC0415  # to make the hash that an older version would have made

    weak = PasswordHasher(time_cost=1, memory_cost=8_192, parallelism=1).hash(factories.PASSWORD)
    with servers.as_owner() as connection:
        connection.execute("UPDATE users SET password_hash = %s WHERE id = %s", [weak, owner.user_id])
        try_to_sign_in(owner.email)
        row = connection.execute("SELECT password_hash FROM users WHERE id = %s", [owner.user_id]).fetchone()
    assert row is not None
    assert row[0].startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_a_person_switches_between_their_own_organizations_only(owner: Actor, outsider: Actor) -> None:
    factories.join(outsider.organization_id, owner.user_id)
    signed_in = authorize_session(owner.cookie)
    switch_organization(signed_in, outsider.organization_id)
    there = authorize_session(owner.cookie)
    assert (there.scope.organization_id, there.scope.role) == (outsider.organization_id, "member")
    with pytest.raises(NotFound):
        switch_organization(authorize_session(outsider.cookie), owner.organization_id)
