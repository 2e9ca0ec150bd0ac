"""Two-factor sign-in: no way in passes by the code, and no code works twice."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pyotp
import pytest

from clasio_backend.accounts import second_factor
from clasio_backend.accounts.authorize import authorize_browser, authorize_session
from clasio_backend.accounts.errors import (
    SecondFactorIsOff,
    SecondFactorIsOn,
    SetUpOver,
    SignInAgain,
    WrongCode,
    WrongPassword,
)
from clasio_backend.accounts.schemas import Browser, CodeWanted, NewSession
from clasio_backend.accounts.service import sign_in
from clasio_backend.accounts.sessions import change_password
from clasio_backend.activity.service import list_latest
from clasio_backend.cli.admin import remove_second_factor
from clasio_backend.core import gateway
from clasio_backend.core.errors import ClasioError, NotFound, NotSignedIn, TooManyRequests
from clasio_backend.core.ids import new_id
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.mail.service import list_kept_mails
from clasio_backend.organizations.invites import accept_invite, invite
from clasio_backend.organizations.schemas import InviteAnswer, NewInvite
from clasio_backend.security.tokens import hash_token
from tests.cast import Actor
from tests.factors import BROWSER, Factor, finish, half_sign_in, turn_on
from tests.servers import Servers

NEW_PASSWORD = "seven herons over a quiet mill"


@pytest.fixture
def factor(owner: Actor, servers: Servers) -> Factor:
    return turn_on(owner, servers)


def is_signed_in(token: str) -> bool:
    try:
        authorize_session(token)
    except NotSignedIn:
        return False
    return True


def outcomes(attempt: Callable[[int], object], many: int) -> Counter[str]:
    def one(number: int) -> str:
        try:
            attempt(number)
        except ClasioError as error:
            return type(error).__name__
        return "right"

    with ThreadPoolExecutor(many) as pool:
        return Counter(pool.map(one, range(many)))


def events_of(servers: Servers, user_id: UUID) -> list[str]:
    with servers.as_owner() as connection:
        rows = connection.execute("SELECT kind FROM security_events WHERE user_id = %s ORDER BY at", [user_id])
        return [row[0] for row in rows]


def test_a_code_is_asked_for_after_the_password(owner: Actor, factor: Factor) -> None:
    waiting = half_sign_in(owner)
    assert not is_signed_in(waiting.token)
    session = finish(waiting, factor.new_code())
    assert authorize_session(session.token).user.id == owner.user_id


def test_without_a_second_factor_the_password_is_enough(owner: Actor) -> None:
    second_factor.begin_set_up(authorize_browser(owner.cookie).person, owner.password)  # begun is not on
    assert isinstance(sign_in(owner.email, owner.password, request_id="test", **BROWSER), NewSession)


def test_turning_it_on_signs_out_every_other_browser(owner: Actor, servers: Servers) -> None:
    other = sign_in(owner.email, owner.password, request_id="test", **BROWSER)
    turn_on(owner, servers)
    assert [is_signed_in(token) for token in (other.token, owner.cookie)] == [False, True]


def test_it_is_told_by_mail_in_the_activity_and_to_operators(owner: Actor, factor: Factor, servers: Servers) -> None:
    person = authorize_browser(owner.cookie).person
    finish(half_sign_in(owner), factor.recovery[0])
    second_factor.renew_recovery_codes(person, owner.password, factor.new_code())
    second_factor.turn_off(person, owner.password, factor.new_code())
    told = [mail.subject for mail in list_kept_mails() if mail.to_address == owner.email]
    assert told == [
        "Two-factor sign-in was turned off",
        "You have new recovery codes",
        "A recovery code was used",
        "Two-factor sign-in was turned on",
    ]
    kinds = ["second_factor_turned_on", "recovery_code_used", "recovery_codes_made", "second_factor_turned_off"]
    assert events_of(servers, owner.user_id) == kinds
    with unit_of_work(owner.scope) as uow:
        actions = [row.action for row in list_latest(uow, limit=4)]
    assert actions == [f"account.{kind}" for kind in reversed(kinds)]


@pytest.mark.parametrize("aside", [-1, 0, 1])
def test_a_code_works_once_and_none_before_it(owner: Actor, factor: Factor, aside: int) -> None:
    factor.new_code()
    code = factor.code(aside)
    finish(half_sign_in(owner), code)
    again = half_sign_in(owner)
    for used in (code, factor.code(-1)):
        with pytest.raises(WrongCode):
            second_factor.finish_sign_in(again.token, used, request_id="test", **BROWSER)


@pytest.mark.parametrize("aside", [-3, 3])
def test_a_code_of_another_time_is_wrong(owner: Actor, factor: Factor, aside: int) -> None:
    with pytest.raises(WrongCode):
        finish(half_sign_in(owner), factor.code(aside))


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "\x00", "-", "x" * 100])
def test_odd_codes_are_only_wrong(owner: Actor, factor: Factor, code: str) -> None:
    with pytest.raises(WrongCode):
        finish(half_sign_in(owner), code)


def test_a_code_is_taken_as_people_type_it(owner: Actor, factor: Factor) -> None:
    code = factor.new_code()
    finish(half_sign_in(owner), f" {code[:3]} {code[3:]} ")
    finish(half_sign_in(owner), factor.recovery[0].replace("-", " ").upper())


def test_the_same_code_at_once_opens_one_session(owner: Actor, factor: Factor) -> None:
    waiting, code = [half_sign_in(owner) for _ in range(6)], factor.new_code()
    assert outcomes(lambda number: finish(waiting[number], code), 6) == {"right": 1, "WrongCode": 5}


def test_a_recovery_code_works_once_also_at_once(owner: Actor, factor: Factor) -> None:
    waiting, code = [half_sign_in(owner) for _ in range(6)], factor.recovery[3]
    assert outcomes(lambda number: finish(waiting[number], code), 6) == {"right": 1, "WrongCode": 5}
    row = second_factor.read_second_factor(authorize_browser(owner.cookie).person)
    assert (row.is_on, row.recovery_codes_left) == (True, 9)


def test_a_sign_in_that_waits_is_finished_once(owner: Actor, factor: Factor) -> None:
    waiting = half_sign_in(owner)
    found = outcomes(lambda number: finish(waiting, factor.recovery[number]), 5)
    assert found == {"right": 1, "SignInAgain": 4}
    row = second_factor.read_second_factor(authorize_browser(owner.cookie).person)
    assert row.recovery_codes_left == 9  # the tabs that came too late used none up


def test_codes_are_the_persons_own(owner: Actor, member: Actor, factor: Factor, servers: Servers) -> None:
    theirs = turn_on(member, servers)
    waiting = half_sign_in(member)
    for code in (factor.new_code(), factor.recovery[0]):
        with pytest.raises(WrongCode):
            finish(waiting, code)
    assert finish(waiting, theirs.new_code()).user_id == member.user_id


def test_after_ten_wrong_codes_none_is_taken_for_a_while(owner: Actor, factor: Factor, servers: Servers) -> None:
    waiting = half_sign_in(owner)
    found = outcomes(lambda _: finish(waiting, "000000"), 20)
    assert found == {"WrongCode": 10, "TooManyRequests": 10}
    for code in (factor.new_code(), factor.recovery[0]):
        with pytest.raises(TooManyRequests):
            finish(waiting, code)
    assert events_of(servers, owner.user_id).count("code_wrong") == 10


def test_a_sign_in_that_waits_is_over_after_five_minutes(owner: Actor, factor: Factor, servers: Servers) -> None:
    waiting = half_sign_in(owner)
    with servers.as_owner() as connection:
        connection.execute(
            "UPDATE pending_sign_ins SET expires_at = expires_at - interval '301 seconds' WHERE user_id = %s",
            [owner.user_id],
        )
    assert gateway.find_pending_sign_in(hash_token(waiting.token)) is None
    with pytest.raises(SignInAgain):
        finish(waiting, factor.new_code())


@pytest.mark.parametrize("token", [None, "", "unknown", "\x00"])
def test_other_cookies_are_no_sign_in(owner: Actor, factor: Factor, token: str | None) -> None:
    with pytest.raises(SignInAgain):
        second_factor.finish_sign_in(token, factor.new_code(), request_id="test", **BROWSER)


def test_a_changed_password_ends_what_waits_and_needs_no_code(owner: Actor, factor: Factor) -> None:
    waiting = half_sign_in(owner)
    session = change_password(authorize_session(owner.cookie), owner.password, NEW_PASSWORD, **BROWSER)
    assert is_signed_in(session.token)
    with pytest.raises(SignInAgain):
        finish(waiting, factor.new_code())


def test_an_invite_is_no_way_around_the_code(owner: Actor, outsider: Actor, servers: Servers) -> None:
    factor = turn_on(outsider, servers)
    with unit_of_work(owner.scope) as uow:
        sent = invite(uow, NewInvite(email=outsider.email))
    token = sent.link.partition("token=")[2]
    waiting = accept_invite(token, InviteAnswer(password=outsider.password), **BROWSER)
    assert isinstance(waiting, CodeWanted)
    session = finish(waiting, factor.new_code())
    assert authorize_session(session.token).organization.id == owner.organization_id  # where the invite led


def test_setting_it_up_and_turning_it_off_need_the_password_and_a_code(owner: Actor, servers: Servers) -> None:
    browser = authorize_browser(owner.cookie)
    with pytest.raises(WrongPassword):
        second_factor.begin_set_up(browser.person, "not the password at all")
    with pytest.raises(SetUpOver):
        second_factor.confirm_set_up(browser, "000000")
    factor = turn_on(owner, servers)
    with pytest.raises(SecondFactorIsOn):
        second_factor.begin_set_up(browser.person, owner.password)
    for change in (second_factor.turn_off, second_factor.renew_recovery_codes):
        with pytest.raises(WrongPassword):
            change(browser.person, "not the password at all", factor.new_code())
        with pytest.raises(WrongCode):
            change(browser.person, owner.password, "000000")
    second_factor.turn_off(browser.person, owner.password, factor.recovery[0])
    with pytest.raises(SecondFactorIsOff):
        second_factor.turn_off(browser.person, owner.password, factor.new_code())
    assert isinstance(sign_in(owner.email, owner.password, request_id="test", **BROWSER), NewSession)


def test_a_set_up_waits_for_an_hour_and_a_new_one_replaces_it(owner: Actor, servers: Servers) -> None:
    browser = authorize_browser(owner.cookie)
    first = second_factor.begin_set_up(browser.person, owner.password)
    second = second_factor.begin_set_up(browser.person, owner.password)
    with pytest.raises(WrongCode):
        second_factor.confirm_set_up(browser, pyotp.TOTP(first.secret).now())
    with servers.as_owner() as connection:
        connection.execute(
            "UPDATE second_factors SET created_at = now() - interval '61 minutes' WHERE user_id = %s", [owner.user_id]
        )
    with pytest.raises(SetUpOver):
        second_factor.confirm_set_up(browser, pyotp.TOTP(second.secret).now())


def test_new_recovery_codes_end_the_former_ones(owner: Actor, factor: Factor) -> None:
    person = authorize_browser(owner.cookie).person
    made = second_factor.renew_recovery_codes(person, owner.password, factor.new_code())
    assert len(set(made.codes) | set(factor.recovery)) == 20
    with pytest.raises(WrongCode):
        finish(half_sign_in(owner), factor.recovery[0])
    assert finish(half_sign_in(owner), made.codes[0])


def test_a_sign_in_while_it_is_turned_on_is_asked_or_ended(owner: Actor, servers: Servers) -> None:
    """Whoever comes first: no session of a password alone is left."""
    browser = authorize_browser(owner.cookie)
    secret = second_factor.begin_set_up(browser.person, owner.password).secret

    def one(number: int) -> object:
        if number == 3:
            return second_factor.confirm_set_up(browser, pyotp.TOTP(secret).now())
        return sign_in(owner.email, owner.password, request_id="test", **BROWSER)

    with ThreadPoolExecutor(8) as pool:
        opened = [result for result in pool.map(one, range(8)) if isinstance(result, NewSession)]
    assert [session for session in opened if is_signed_in(session.token)] == []


def test_an_operator_takes_a_lost_factor_off(owner: Actor, factor: Factor, servers: Servers) -> None:
    waiting = half_sign_in(owner)
    assert remove_second_factor(owner.email.upper()) == {"user_id": str(owner.user_id)}
    with pytest.raises(SignInAgain):
        finish(waiting, factor.new_code())
    assert isinstance(sign_in(owner.email, owner.password, request_id="test", **BROWSER), NewSession)
    assert events_of(servers, owner.user_id)[-1] == "second_factor_removed"
    for email in (owner.email, f"{new_id()}@example.org"):
        with pytest.raises(NotFound):
            remove_second_factor(email)


def test_the_secret_is_sealed_and_codes_are_hashed(owner: Actor, factor: Factor, servers: Servers) -> None:
    waiting = half_sign_in(owner)
    with servers.as_owner() as connection:
        stored = " ".join(
            str(row[0])
            for table in ("second_factors", "recovery_codes", "pending_sign_ins")
            for row in connection.execute(f"SELECT to_jsonb(t)::text FROM {table} t".encode())
        )
    secrets = [factor.secret, waiting.token, *factor.recovery, *(code.replace("-", "") for code in factor.recovery)]
    found = [text for text in secrets if text in stored or text.encode().hex() in stored]
    assert found == []


def test_colleagues_see_nothing_of_it(owner: Actor, member: Actor, factor: Factor, servers: Servers) -> None:
    with servers.as_app() as connection:
        connection.execute("SELECT set_config('app.user_id', %s, false)", [str(member.user_id)])
        connection.execute("SELECT set_config('app.organization_id', %s, false)", [str(owner.organization_id)])
        for table in ("second_factors", "recovery_codes", "pending_sign_ins"):
            row = connection.execute(f"SELECT count(*) FROM {table}".encode()).fetchone()
            assert row == (0,)


def test_a_browser_is_more_than_a_person(owner: Actor) -> None:
    assert isinstance(authorize_browser(owner.cookie), Browser)
    with pytest.raises(NotSignedIn):
        authorize_browser(owner.api_token)
