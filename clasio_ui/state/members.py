"""Members: people and invites in one place; what only owners may do is not offered to others."""

from uuid import UUID

import reflex as rx
from pydantic import ValidationError

from clasio_backend.core.errors import ClasioError, NotSignedIn
from clasio_backend.core.scope import Permission
from clasio_backend.core.unit_of_work import UnitOfWork
from clasio_backend.organizations.invites import invite, list_invites, resend_invite, withdraw_invite
from clasio_backend.organizations.members import change_member, list_people, remove_member
from clasio_backend.organizations.schemas import InviteRow, MemberChange, NewInvite, PersonRow, SentInvite
from clasio_ui import bridge
from clasio_ui.state.frame import FrameState
from clasio_ui.state.people import InviteItem, PersonItem, invite_item, person_item
from clasio_ui.state.screen import Screen

NOT_AN_ADDRESS = "This is not an e-mail address. Check it for typing errors."


class MembersState(Screen, rx.State):
    people: list[PersonItem] = []
    invites: list[InviteItem] = []
    may_manage: bool = False
    is_inviting: bool = False
    invite_error: str = ""
    sent_to: str = ""
    sent_link: str = ""
    is_mailed: bool = False
    leaving_id: str = ""
    leaving_name: str = ""
    is_me: bool = False

    async def _fetch(self) -> None:
        me, may_manage, people, invites = await bridge.call(self, _members)
        self.may_manage = may_manage
        self.people = [person_item(row, me) for row in people]
        self.invites = [invite_item(row) for row in invites]

    @rx.event
    async def load(self):
        """Loads the page; a dialog that was left open elsewhere is closed, but for one that is still empty."""
        self.leaving_id = ""
        if self.sent_link:
            self.is_inviting, self.sent_to, self.sent_link = False, "", ""
        await self._refresh()

    @rx.event
    def open_invite(self):
        self.is_inviting, self.invite_error, self.sent_to, self.sent_link = True, "", "", ""

    @rx.event
    def close_invite(self):
        """Closes the dialog and forgets the link that it showed."""
        self.is_inviting, self.sent_to, self.sent_link = False, "", ""

    @rx.event
    async def send_invite(self, form: dict[str, str]):
        """Invites an address; what was typed stays when it is refused."""
        try:
            wanted = NewInvite.model_validate(
                {"email": form.get("email", "").strip(), "role": form.get("role") or "member"}
            )
            self._show(await bridge.call(self, invite, wanted))
        except ValidationError:
            self.invite_error = NOT_AN_ADDRESS
        except NotSignedIn:
            raise
        except ClasioError as error:
            self.invite_error = error.message
        else:
            await self._refresh()

    @rx.event
    async def send_again(self, invite_id: str):
        self._show(await bridge.call(self, resend_invite, bridge.row_id(invite_id)))
        await self._refresh()

    def _show(self, sent: SentInvite) -> None:
        self.is_inviting, self.invite_error = True, ""
        self.sent_to, self.sent_link, self.is_mailed = sent.email, sent.link, sent.is_mailed

    @rx.event
    async def withdraw(self, invite_id: str):
        await bridge.call(self, withdraw_invite, bridge.row_id(invite_id))
        await self._refresh()

    @rx.event
    async def set_role(self, user_id: str, role: str):
        await self._change(user_id, {"role": role})

    @rx.event
    async def switch_access(self, user_id: str):
        """Switches somebody's access off, or on again."""
        person = next((person for person in self.people if person.id == user_id), None)
        await self._change(user_id, {"is_active": person is not None and not person.is_active})

    async def _change(self, user_id: str, values: dict[str, object]) -> None:
        try:
            await bridge.call(self, change_member, bridge.row_id(user_id), MemberChange.model_validate(values))
        finally:
            await self._refresh()  # a refused choice must not stay on the page

    @rx.event
    def ask_to_remove(self, user_id: str):
        """Opens the dialog that names who would go."""
        person = next((person for person in self.people if person.id == user_id), None)
        if person is not None:
            self.leaving_id, self.leaving_name, self.is_me = person.id, person.name, person.is_me

    @rx.event
    def keep(self):
        self.leaving_id = ""

    @rx.event
    async def remove(self):
        """Removes the person that the dialog names, or lets oneself go."""
        user_id, name, is_me, self.leaving_id = self.leaving_id, self.leaving_name, self.is_me, ""
        await bridge.call(self, remove_member, bridge.row_id(user_id))
        if not is_me:
            frame = await self.get_state(FrameState)
            frame._add_notice(f"{name} has no access any more.", "good")  # noqa: SLF001  # states of one interface
        await self._refresh()


def _members(uow: UnitOfWork) -> tuple[UUID | None, bool, list[PersonRow], list[InviteRow]]:
    may_manage = uow.scope.may(Permission.MANAGE_MEMBERS)
    return uow.scope.user_id, may_manage, list_people(uow), list_invites(uow) if may_manage else []
