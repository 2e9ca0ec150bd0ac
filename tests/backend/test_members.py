"""People of an organization: roles, switching off, removing, leaving, and the rule of the last owner."""

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from fastapi import FastAPI

from clasio_backend.accounts.authorize import authorize_session, authorize_token
from clasio_backend.core.errors import ClasioError, NotFound
from clasio_backend.core.scope import Role
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.organizations.errors import LastOwner
from clasio_backend.organizations.members import change_member, leave, list_people, remove_member
from clasio_backend.organizations.schemas import MemberChange
from tests import cast, factories
from tests.cast import Actor


def change(actor: Actor, user_id: UUID, **values: object) -> None:
    with unit_of_work(actor.scope) as uow:
        change_member(uow, user_id, MemberChange.model_validate(values))


def remove(actor: Actor, user_id: UUID) -> None:
    with unit_of_work(actor.scope) as uow:
        remove_member(uow, user_id)


def people(actor: Actor) -> dict[UUID, tuple[str, bool]]:
    with unit_of_work(actor.scope) as uow:
        return {row.id: (row.role, row.is_active) for row in list_people(uow)}


def test_an_owner_makes_a_member_an_owner_and_back(owner: Actor, member: Actor) -> None:
    change(owner, member.user_id, role="owner")
    assert authorize_session(member.cookie).scope.role == Role.OWNER
    change(owner, member.user_id, role="member")
    assert people(owner) == {owner.user_id: ("owner", True), member.user_id: ("member", True)}


def test_members_change_nobody(owner: Actor, member: Actor) -> None:
    for user_id in (owner.user_id, member.user_id):
        with pytest.raises(NotFound):
            change(member, user_id, role="owner")
    with pytest.raises(NotFound):
        remove(member, owner.user_id)


@pytest.mark.parametrize("values", [{"role": "member"}, {"is_active": False}])
def test_the_last_owner_stays_one(owner: Actor, member: Actor, values: dict[str, object]) -> None:
    with pytest.raises(LastOwner):
        change(owner, owner.user_id, **values)
    with pytest.raises(LastOwner):
        remove(owner, owner.user_id)
    with pytest.raises(LastOwner), unit_of_work(owner.scope) as uow:
        leave(uow)
    assert people(owner)[owner.user_id] == ("owner", True)


def test_an_owner_who_is_switched_off_does_not_count(owner: Actor, member: Actor) -> None:
    change(owner, member.user_id, role="owner")
    change(owner, member.user_id, is_active=False)
    with pytest.raises(LastOwner):
        remove(owner, owner.user_id)


def test_of_two_owners_who_go_at_once_one_stays(servers: object) -> None:
    first = cast.owner()
    second = cast.member_of(first)
    change(first, second.user_id, role="owner")
    scopes = [authorize_session(actor.cookie).scope for actor in (first, second)]

    def go(index: int) -> str:
        try:
            with unit_of_work(scopes[index]) as uow:
                leave(uow)
        except LastOwner as error:
            return error.code
        return "gone"

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(go, range(2))) == ["gone", "last_owner"]


def test_who_is_removed_goes_on_in_their_other_organizations(owner: Actor, member: Actor, outsider: Actor) -> None:
    factories.join(outsider.organization_id, member.user_id)
    remove(owner, member.user_id)
    session = factories.new_session(member.user_id)
    signed_in = authorize_session(session.token)
    assert signed_in.scope.organization_id == outsider.organization_id
    assert [choice.id for choice in signed_in.organizations] == [outsider.organization_id]


def test_a_removed_members_session_and_token_open_nothing(app: FastAPI, owner: Actor, member: Actor) -> None:
    assert member.api(app).get("/api/v1/documents").status_code == 200
    remove(owner, member.user_id)
    assert member.api(app).get("/api/v1/documents").status_code == 401
    assert member.browser(app).get("/api/v1/documents").status_code in {401, 403}
    with pytest.raises(ClasioError):
        authorize_token(member.api_token)
    assert member.user_id not in people(owner)
    with pytest.raises(NotFound):
        remove(owner, member.user_id)


def test_switching_off_ends_access_and_switching_on_gives_it_back(app: FastAPI, owner: Actor, member: Actor) -> None:
    change(owner, member.user_id, is_active=False)
    assert member.api(app).get("/api/v1/documents").status_code == 401
    assert people(owner)[member.user_id] == ("member", False)
    change(owner, member.user_id, is_active=True)
    session = factories.new_session(member.user_id)
    assert authorize_session(session.token).scope.organization_id == owner.organization_id


def test_a_member_leaves_and_their_documents_stay(owner: Actor, member: Actor, app: FastAPI) -> None:
    document = factories.upload(member.scope, "mine.txt")
    with unit_of_work(member.scope) as uow:
        leave(uow)
    assert list(people(owner)) == [owner.user_id]
    answer = owner.api(app).get(f"/api/v1/documents/{document.id}")
    assert answer.status_code == 200
    assert answer.json()["uploaded_by"] == member.name  # the name stays with what a person did


def test_who_was_removed_can_come_back(owner: Actor, member: Actor) -> None:
    remove(owner, member.user_id)
    factories.join(owner.organization_id, member.user_id)
    assert people(owner)[member.user_id] == ("member", True)
