from uuid import UUID

from fastapi import APIRouter, Response

from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.http.api_v1.answers import problems
from clasio_backend.http.callers import Caller
from clasio_backend.organizations import invites, members
from clasio_backend.organizations.schemas import InviteRow, MemberChange, NewInvite, PersonRow, SentInvite

router = APIRouter(tags=["members"])


@router.get("/members", responses=problems())
def list_members(scope: Caller) -> list[PersonRow]:
    with unit_of_work(scope) as uow:
        return members.list_people(uow)


@router.patch("/members/{user_id}", status_code=204, responses=problems(404, 409), response_class=Response)
def change_member(scope: Caller, user_id: UUID, change: MemberChange) -> None:
    """Owners: changes a role, or switches a membership off and on. The last active owner stays one."""
    with unit_of_work(scope) as uow:
        members.change_member(uow, user_id, change)


@router.delete("/members/{user_id}", status_code=204, responses=problems(404, 409), response_class=Response)
def remove_member(scope: Caller, user_id: UUID) -> None:
    """Removes a member (owners), or leaves (oneself); sessions and tokens for this organization end at once."""
    with unit_of_work(scope) as uow:
        members.remove_member(uow, user_id)


@router.get("/invites", responses=problems(404))
def list_invites(scope: Caller) -> list[InviteRow]:
    """Owners: the invites that nobody has used yet."""
    with unit_of_work(scope) as uow:
        return invites.list_invites(uow)


@router.post("/invites", status_code=201, responses=problems(404, 409))
def invite(scope: Caller, wanted: NewInvite) -> SentInvite:
    """Owners: offers a place by e-mail; the link in this answer is shown once and works for seven days."""
    with unit_of_work(scope) as uow:
        return invites.invite(uow, wanted)


@router.post("/invites/{invite_id}/resend", responses=problems(404))
def resend_invite(scope: Caller, invite_id: UUID) -> SentInvite:
    """Owners: a new link for seven more days; the former one is dead."""
    with unit_of_work(scope) as uow:
        return invites.resend_invite(uow, invite_id)


@router.delete("/invites/{invite_id}", status_code=204, responses=problems(404), response_class=Response)
def withdraw_invite(scope: Caller, invite_id: UUID) -> None:
    with unit_of_work(scope) as uow:
        invites.withdraw_invite(uow, invite_id)
