"""An organization that requires two-factor sign-in lets nobody in without it, by page or by token."""

import pytest
from fastapi import FastAPI

from clasio_backend.accounts import second_factor
from clasio_backend.accounts.authorize import authorize_browser, authorize_session, authorize_token, authorize_way_out
from clasio_backend.accounts.errors import SecondFactorWanted
from clasio_backend.activity.service import list_latest
from clasio_backend.core.errors import NotFound, NotSignedIn
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.organizations.errors import OwnFactorFirst
from clasio_backend.organizations.invites import accept_invite, invite
from clasio_backend.organizations.members import list_people
from clasio_backend.organizations.schemas import InviteAnswer, NewInvite, OrganizationChange
from clasio_backend.organizations.settings import change_settings, read_settings
from tests import factories
from tests.cast import Actor
from tests.factors import BROWSER, Factor, turn_on
from tests.servers import Servers

PART = "/api/v1/second-factor"


def require(actor: Actor, *, required: bool = True) -> None:
    with unit_of_work(actor.scope) as uow:
        change_settings(uow, OrganizationChange(requires_second_factor=required))


@pytest.fixture
def factor(owner: Actor, member: Actor, servers: Servers) -> Factor:
    """The owner has one, and requires it; the member has none."""
    found = turn_on(owner, servers)
    require(owner)
    return found


def test_who_has_none_gets_in_neither_by_session_nor_by_token(owner: Actor, member: Actor, factor: Factor) -> None:
    with pytest.raises(SecondFactorWanted) as refused:
        authorize_session(member.cookie)
    assert refused.value.message == "Olivia Owner's company requires two-factor sign-in. Set it up to go on."
    with pytest.raises(SecondFactorWanted):
        authorize_token(member.api_token)
    assert authorize_session(owner.cookie)
    assert authorize_token(owner.api_token)


def test_setting_it_up_is_all_that_is_missing(member: Actor, factor: Factor, servers: Servers) -> None:
    turn_on(member, servers)
    assert authorize_session(member.cookie).user.id == member.user_id
    assert authorize_token(member.api_token).scope.user_id == member.user_id  # tokens were not revoked


def test_turning_it_off_again_leads_back(member: Actor, factor: Factor, servers: Servers) -> None:
    theirs = turn_on(member, servers)
    second_factor.turn_off(authorize_browser(member.cookie).person, member.password, theirs.recovery[0])
    for authorize, token in ((authorize_session, member.cookie), (authorize_token, member.api_token)):
        with pytest.raises(SecondFactorWanted):
            authorize(token)


def test_nobody_requires_of_others_what_they_have_not(owner: Actor, member: Actor) -> None:
    with pytest.raises(OwnFactorFirst) as refused:
        require(owner)
    assert list(refused.value.fields) == ["requires_second_factor"]
    with unit_of_work(owner.scope) as uow:
        assert read_settings(uow).requires_second_factor is False
    assert authorize_session(member.cookie)
    with pytest.raises(NotFound):
        require(member, required=False)


def test_when_it_is_required_no_more_everybody_is_back(owner: Actor, member: Actor, factor: Factor) -> None:
    require(owner, required=False)
    assert authorize_session(member.cookie)
    with unit_of_work(owner.scope) as uow:
        rows = list_latest(uow, limit=2)
    assert [row.detail for row in rows] == [
        "two-factor sign-in for everybody from on to off",
        "two-factor sign-in for everybody from off to on",
    ]


def test_over_http_only_the_set_up_and_the_ways_out_are_open(
    app: FastAPI, owner: Actor, member: Actor, outsider: Actor, factor: Factor
) -> None:
    factories.join(outsider.organization_id, member.user_id)
    browser = member.browser(app)
    browser.post("/auth/switch", data={"organization_id": str(owner.organization_id)})
    for client in (browser, member.api(app)):
        for path in ("/api/v1/documents", "/api/v1/members", "/api/v1/tokens"):
            answer = client.get(path)
            assert (answer.status_code, answer.json()["code"]) == (403, "second_factor_wanted")
    assert browser.get(PART).json()["is_on"] is False
    assert browser.post(f"{PART}/set-up", json={"password": member.password}).status_code == 201
    elsewhere = browser.post("/auth/switch", data={"organization_id": str(outsider.organization_id)})
    assert elsewhere.status_code == 303
    assert browser.get("/api/v1/documents").status_code == 200  # that one requires nothing
    browser.post("/auth/switch", data={"organization_id": str(owner.organization_id)})
    assert browser.post("/auth/sign-out").status_code == 303
    with pytest.raises(NotSignedIn):
        authorize_browser(member.cookie)


def test_somebody_new_is_led_there_at_once(owner: Actor, factor: Factor) -> None:
    with unit_of_work(owner.scope) as uow:
        sent = invite(uow, NewInvite(email=factories.new_email("new")))
    answer = InviteAnswer(name="Nina Newcomer", password=factories.PASSWORD)
    session = accept_invite(sent.link.partition("token=")[2], answer, **BROWSER)
    with pytest.raises(SecondFactorWanted):
        authorize_session(session.token)
    person = authorize_browser(session.token).person
    demand = second_factor.read_demand(person)
    assert (demand.is_on, demand.others) == (False, ())
    assert [choice.id for choice in demand.requiring] == [owner.organization_id]


def test_their_sign_in_is_written_down_all_the_same(app: FastAPI, owner: Actor, member: Actor, factor: Factor) -> None:
    browser = member.browser(app)
    form = {"email": member.email, "password": member.password}
    answer = browser.post("/auth/sign-in", data=form, headers={"accept": "application/json"})
    assert answer.json() == {"go_to": "/"}
    with unit_of_work(owner.scope) as uow:
        assert list_latest(uow, limit=1)[0].who == member.name


def test_owners_see_who_has_it_and_others_do_not(
    owner: Actor, member: Actor, outsider: Actor, servers: Servers
) -> None:
    turn_on(owner, servers)
    turn_on(outsider, servers)

    def seen(actor: Actor) -> dict[str, bool | None]:
        with unit_of_work(actor.scope) as uow:
            return {row.name: row.has_second_factor for row in list_people(uow)}

    assert seen(owner) == {owner.name: True, member.name: False}
    assert seen(member) == {owner.name: None, member.name: None}
    factories.join(owner.organization_id, outsider.user_id)
    assert seen(owner)[outsider.name] is True


def test_the_way_out_is_for_the_signed_in_alone(member: Actor, factor: Factor) -> None:
    assert authorize_way_out(member.cookie).user.id == member.user_id
    with pytest.raises(NotSignedIn):
        authorize_way_out(member.api_token)
