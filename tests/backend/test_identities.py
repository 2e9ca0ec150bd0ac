"""Accounts elsewhere that sign people in: whose they are, who may connect them, and who may not."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from clasio_backend.accounts import identities, reset
from clasio_backend.accounts.attempts import Waiting
from clasio_backend.accounts.authorize import authorize_browser, authorize_session
from clasio_backend.accounts.errors import (
    AccountExists,
    AddressToConfirm,
    IdentityTaken,
    LastWayIn,
    NoAccount,
    NoPassword,
    TooManyIdentities,
    WrongCredentials,
    WrongPassword,
)
from clasio_backend.accounts.schemas import NewSession, WaysIn
from clasio_backend.accounts.service import confirm_password, sign_in
from clasio_backend.core import gateway
from clasio_backend.core.clock import now
from clasio_backend.core.errors import ClasioError, NotFound, NotSignedIn
from clasio_backend.core.ids import new_id
from clasio_backend.core.scope import UserScope, new_request_id
from clasio_backend.integrations.oidc import Provider, Told, find_provider
from clasio_backend.leaving.account import ask_account_deletion, delete_account
from clasio_backend.leaving.schemas import AccountDeletion
from clasio_backend.mail.service import list_kept_mails
from clasio_backend.organizations.entering import enter
from tests import factories
from tests.cast import Actor
from tests.providers import set_up
from tests.servers import Servers

ISSUER = "https://login.example"
BROWSER = {"ip_address": "203.0.113.7", "user_agent": "tests", "request_id": "tests"}
NEW_PASSWORD = "seven herons over a quiet mill"


@pytest.fixture
def provider(servers: Servers, monkeypatch: pytest.MonkeyPatch) -> Provider:
    """Set up, and never asked anything here."""
    factories.new_person()  # the first of an instance comes by the set-up link
    settings = {"OIDC_ISSUER": ISSUER, "OIDC_CLIENT_ID": "clasio", "OIDC_CLIENT_SECRET": "secret"}
    with set_up(monkeypatch, **settings, SIGN_UP_DOMAINS="newcomers.example"):
        found = find_provider("oidc")
        assert found is not None
        yield found


def told(email: str | None, subject: str | None = None) -> Told:
    return Told(ISSUER, subject or new_id().hex, email, "Nina Newcomer")


def address(domain: str = "newcomers.example") -> str:
    return f"nina.{new_id().hex[-12:]}@{domain}"


def person_of(actor: Actor) -> UserScope:
    return authorize_browser(actor.cookie).person


def came_in(answer: Told, provider: Provider) -> NewSession:
    session = enter(answer, provider, **BROWSER)
    assert isinstance(session, NewSession)
    return session


def ways(person: UserScope) -> WaysIn:
    return identities.read_ways_in(person)


def age(servers: Servers, session: NewSession, by: timedelta = timedelta(minutes=11)) -> None:
    with servers.as_owner() as connection:
        connection.execute("UPDATE sessions SET created_at = created_at - %s WHERE id = %s", [by, session.session_id])


def verified(servers: Servers, actor: Actor) -> None:
    with servers.as_owner() as connection:
        connection.execute("UPDATE users SET email_verified_at = now() WHERE id = %s", [actor.user_id])


def test_the_subject_counts_and_not_the_address(provider: Provider) -> None:
    first = told(address())
    session = came_in(first, provider)
    moved = Told(ISSUER, first.subject, address(), "Another Name")
    assert came_in(moved, provider).user_id == session.user_id
    assert [identity.email for identity in ways(UserScope(session.user_id, "tests")).identities] == [moved.email]
    with pytest.raises(AccountExists):  # somebody else at the provider has the address now
        enter(told(first.email), provider, **BROWSER)
    other_issuer = Told("https://other.example", first.subject, address(), "Nina")
    assert came_in(other_issuer, provider).user_id != session.user_id


@pytest.mark.parametrize(
    "spelled",
    [
        str.upper,
        lambda email: email.replace("nina.", "Nina."),
        lambda email: email.replace("i", "İ", 1),
    ],
)
def test_an_address_in_another_spelling_opens_no_account(provider: Provider, spelled: object) -> None:
    email = address()
    came_in(told(email), provider)
    assert callable(spelled)
    try:
        session = enter(told(spelled(email)), provider, **BROWSER)
    except AccountExists:
        return
    assert isinstance(session, NewSession)  # what the database takes for another address is another account
    assert session.user_id != gateway.find_user(email)


def test_a_plus_makes_another_address(provider: Provider) -> None:
    email = address()
    plus = email.replace("@", "+invoices@")
    assert came_in(told(email), provider).user_id != came_in(told(plus), provider).user_id


def test_nobody_signs_up_where_nobody_may(provider: Provider) -> None:
    for email in (address("elsewhere.example"), f"x@{address('elsewhere.example').partition('@')[0]}.example"):
        with pytest.raises(NoAccount):
            enter(told(email), provider, **BROWSER)
        assert gateway.find_user(email) is None


def test_of_two_callbacks_at_once_one_makes_the_account(provider: Provider) -> None:
    answer = told(address())

    def come(_: int) -> NewSession | ClasioError:
        try:
            return came_in(answer, provider)
        except (AccountExists, IdentityTaken) as refused:
            return refused

    with ThreadPoolExecutor(4) as pool:
        ended = list(pool.map(come, range(4)))
    made = [each for each in ended if isinstance(each, NewSession)]
    assert made
    assert len({session.user_id for session in made}) == 1


def test_whoever_made_an_account_with_anothers_address_keeps_no_way_in(
    owner: Actor, provider: Provider, servers: Servers
) -> None:
    """Pre-hijacking: `owner` is the attacker's account, with the victim's address, password and session."""
    attackers = told("attacker@elsewhere.example")
    with pytest.raises(AddressToConfirm):
        identities.connect(person_of(owner), attackers, ip_address="")
    victims = told(owner.email)
    with pytest.raises(AccountExists):
        enter(victims, provider, **BROWSER)
    reset.send_link(owner.email, ip_address="", request_id=new_id().hex)
    mails = [mail.text for mail in list_kept_mails() if mail.to_address == owner.email]
    token = re.search(r"token=(\S+)", mails[0])
    assert token
    reset.reset_password(token[1], NEW_PASSWORD, ip_address="", request_id=new_id().hex)
    with pytest.raises(NotSignedIn):
        authorize_session(owner.cookie)
    with pytest.raises(WrongCredentials):
        sign_in(owner.email, owner.password, **BROWSER)
    session = sign_in(owner.email, NEW_PASSWORD, **BROWSER)
    assert isinstance(session, NewSession)
    waiting = Waiting(slug="oidc", issuer=ISSUER, subject=victims.subject, email=owner.email, until=now())
    assert identities.connect_waiting(UserScope(owner.user_id, "tests"), waiting, ip_address="")
    assert came_in(victims, provider).user_id == owner.user_id
    assert gateway.find_identity(ISSUER, attackers.subject) is None


def test_the_same_address_connects_and_confirms_it(owner: Actor, provider: Provider, servers: Servers) -> None:
    answer = told(owner.email.upper())
    identities.connect(person_of(owner), answer, ip_address="203.0.113.7")
    identities.connect(person_of(owner), answer, ip_address="203.0.113.7")  # twice is once
    assert len(ways(person_of(owner)).identities) == 1
    with servers.as_owner() as connection:
        found = connection.execute("SELECT email_verified_at FROM users WHERE id = %s", [owner.user_id]).fetchone()
        kinds = connection.execute("SELECT kind FROM security_events WHERE user_id = %s", [owner.user_id]).fetchall()
    assert found
    assert found[0] is not None
    assert ("identity_connected",) in kinds
    identities.connect(person_of(owner), told("another@elsewhere.example"), ip_address="")  # now that it is confirmed
    assert len(ways(person_of(owner)).identities) == 2


def test_an_identity_is_one_persons(owner: Actor, outsider: Actor, provider: Provider, servers: Servers) -> None:
    for actor in (owner, outsider):
        verified(servers, actor)
    answer = told(None)
    identities.connect(person_of(owner), answer, ip_address="")
    with pytest.raises(IdentityTaken):
        identities.connect(person_of(outsider), answer, ip_address="")
    theirs = ways(person_of(owner)).identities[0].id
    with pytest.raises(NotFound):
        identities.disconnect(person_of(outsider), theirs, outsider.password)
    assert came_in(answer, provider).user_id == owner.user_id


def test_ten_are_the_most(owner: Actor, provider: Provider, servers: Servers) -> None:
    verified(servers, owner)
    for _ in range(identities.MAX_IDENTITIES):
        identities.connect(person_of(owner), told(None), ip_address="")
    with pytest.raises(TooManyIdentities):
        identities.connect(person_of(owner), told(None), ip_address="")


def test_disconnecting_wants_the_password_and_ends_what_it_opened(
    owner: Actor, provider: Provider, servers: Servers
) -> None:
    verified(servers, owner)
    answer = told(None)
    identities.connect(person_of(owner), answer, ip_address="")
    opened = came_in(answer, provider)
    wanted = ways(person_of(owner)).identities[0].id
    with pytest.raises(WrongPassword):
        identities.disconnect(person_of(owner), wanted, "wrong")
    identities.disconnect(person_of(owner), wanted, owner.password)
    with pytest.raises(NotSignedIn):
        authorize_session(opened.token)
    assert authorize_session(owner.cookie)
    assert gateway.find_identity(ISSUER, answer.subject) is None
    subjects = [mail.subject for mail in list_kept_mails() if mail.to_address == owner.email]
    assert subjects[0] == "A way to sign in to Clasio was disconnected"


def test_the_last_way_in_stays(provider: Provider, servers: Servers) -> None:
    session = came_in(told(address()), provider)
    person = authorize_browser(session.token).person
    only = ways(person).identities[0].id
    with pytest.raises(LastWayIn):
        identities.disconnect(person, only, "")
    factories.new_identity(person.user_id, issuer="https://gone.example")  # is set up no more, so it is no way in
    with pytest.raises(LastWayIn):
        identities.disconnect(person, only, "")
    identities.connect(person, told(None), ip_address="")
    identities.disconnect(person, only, "")
    assert [each.slug for each in ways(person).identities] == ["", "oidc"]


def test_a_moment_ago_is_ten_minutes_in_this_very_browser(provider: Provider, servers: Servers) -> None:
    answer = told(address())
    session = came_in(answer, provider)
    assert confirm_password(authorize_browser(session.token).person, "") is None
    assert confirm_password(authorize_session(session.token).scope and person_at(session), "whatever") is None
    for elsewhere in (UserScope(session.user_id, new_request_id()), person_at(factories.new_session(session.user_id))):
        with pytest.raises(NoPassword):
            confirm_password(elsewhere, "")
    age(servers, session)
    with pytest.raises(NoPassword):
        confirm_password(person_at(session), "")
    assert confirm_password(person_at(came_in(answer, provider)), "") is None


def person_at(session: NewSession) -> UserScope:
    return authorize_browser(session.token).person


def test_a_fresh_sign_in_is_no_password_for_who_has_one(owner: Actor, provider: Provider, servers: Servers) -> None:
    verified(servers, owner)
    answer = told(None)
    identities.connect(person_of(owner), answer, ip_address="")
    with pytest.raises(WrongPassword):
        confirm_password(person_at(came_in(answer, provider)), "")


def test_with_the_account_its_identities_go_and_the_person_may_come_back(provider: Provider, servers: Servers) -> None:
    answer = told(address())
    session = came_in(answer, provider)
    ask_account_deletion(person_at(session), AccountDeletion(documents="stay", password=""))  # type: ignore[arg-type]
    with servers.as_owner() as connection:
        connection.execute("UPDATE users SET deletion_due_at = now() WHERE id = %s", [session.user_id])
    delete_account(session.user_id)
    with servers.as_owner() as connection:
        left = connection.execute("SELECT 1 FROM identities WHERE user_id = %s", [session.user_id]).fetchall()
    assert left == []
    again = came_in(answer, provider)
    assert again.user_id != session.user_id


def test_who_may_not_sign_in_does_not_by_a_provider_either(provider: Provider, servers: Servers) -> None:
    answer = told(address())
    session = came_in(answer, provider)
    with servers.as_owner() as connection:
        connection.execute("UPDATE users SET is_active = false WHERE id = %s", [session.user_id])
    with pytest.raises(AccountExists):
        enter(answer, provider, **BROWSER)


def test_somebody_without_a_password_resets_none_by_accident(provider: Provider) -> None:
    """The link for a forgotten password gives a first one."""
    email = address()
    session = came_in(told(email), provider)
    reset.send_link(email, ip_address="", request_id=new_id().hex)
    token = re.search(r"token=(\S+)", next(mail.text for mail in list_kept_mails() if mail.to_address == email))
    assert token
    reset.reset_password(token[1], NEW_PASSWORD, ip_address="", request_id=new_id().hex)
    with pytest.raises(NotSignedIn):
        authorize_session(session.token)
    opened = sign_in(email, NEW_PASSWORD, **BROWSER)
    assert isinstance(opened, NewSession)
    assert ways(person_at(opened)).has_password


def test_the_mail_about_a_new_password_names_what_is_connected(owner: Actor, provider: Provider) -> None:
    identities.connect(person_of(owner), told(owner.email), ip_address="")
    reset.send_link(owner.email, ip_address="", request_id=new_id().hex)
    token = re.search(r"token=(\S+)", next(mail.text for mail in list_kept_mails() if mail.to_address == owner.email))
    assert token
    reset.reset_password(token[1], NEW_PASSWORD, ip_address="", request_id=new_id().hex)
    newest = next(mail.text for mail in list_kept_mails() if mail.to_address == owner.email)
    assert "sign you in as before: single sign-on." in newest
