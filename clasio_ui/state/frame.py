"""What surrounds every page: who is signed in, where, and the notices."""

import contextlib
import itertools
from datetime import datetime

import reflex as rx

from clasio_backend.accounts.errors import CannotEnter, SecondFactorWanted
from clasio_backend.core.errors import ClasioError, NotSignedIn
from clasio_backend.core.scope import Permission
from clasio_backend.core.unit_of_work import UnitOfWork
from clasio_backend.documents.quarantine import count_quarantine
from clasio_backend.documents.service import count_documents
from clasio_backend.documents.trash import count_trash
from clasio_backend.organizations.service import list_categories
from clasio_ui import bridge
from clasio_ui.routes import NO_ORGANIZATION, SECOND_FACTOR, SIGN_IN, search_path
from clasio_ui.state.rows import NoticeItem, OrganizationItem, iso

MAX_NOTICES = 4
_numbers = itertools.count(1)


class FrameState(rx.State):
    """Filled by every page's load; holds nothing that the signed-in person may not see."""

    is_ready: bool = False
    user_name: str = ""
    user_email: str = ""
    is_operator: bool = False
    may_invite: bool = False
    organization_id: str = ""
    organization_name: str = ""
    organization_due_on: str = ""
    account_due_on: str = ""
    """The day of a deletion that can still be called off; empty when there is none."""
    may_delete_organization: bool = False
    organizations: list[OrganizationItem] = []
    categories: list[str] = []
    failed_count: int = 0
    trash_count: int = 0
    quarantine_count: int = 0
    notices: list[NoticeItem] = []

    @rx.event
    async def load(self):
        """Shows who is here; a person who is signed out goes to the sign-in page."""
        person = await bridge.who(self)
        self.user_name, self.user_email = person.user.name, person.user.email
        self.is_operator = person.user.is_operator
        self.may_invite = person.scope.may(Permission.MANAGE_MEMBERS)
        self.organization_due_on = _day(person.organization.deletion_due_at)
        self.account_due_on = _day(person.user.deletion_due_at)
        self.may_delete_organization = person.scope.may(Permission.DELETE_ORGANIZATION)
        here = person.organization.id
        self.organization_id, self.organization_name = str(here), person.organization.name
        self.organizations = [OrganizationItem(str(o.id), o.name, o.id == here) for o in person.organizations]
        self.categories = [category.name for category in await bridge.call(self, list_categories)]
        await self._count()
        self.is_ready = True

    async def _count(self) -> None:
        """The quiet numbers of the navigation. When they cannot be had, the page itself says what is wrong."""
        with contextlib.suppress(bridge.Unexpected):
            self.failed_count, self.trash_count, self.quarantine_count = await bridge.call(self, _counts)

    @rx.event
    def search(self, form: dict[str, str]):
        """Goes to the results of what was typed into the top bar."""
        return rx.redirect(search_path(form.get("q", "").strip()))

    @rx.event
    def notify(self, text: str, tone: str = "info"):
        """Shows a notice, bottom right."""
        self._add_notice(text, tone)

    @rx.event
    def dismiss(self, number: int):
        self.notices = [notice for notice in self.notices if notice.id != number]

    def _add_notice(self, text: str, tone: str = "info", undo_id: str = "") -> None:
        notice = NoticeItem(next(_numbers), text, tone, undo_id)
        self.notices = [*self.notices, notice][-MAX_NOTICES:]


def _counts(uow: UnitOfWork) -> tuple[int, int, int]:
    return count_documents(uow).failed, count_trash(uow), count_quarantine(uow)


def _day(moment: datetime | None) -> str:
    return iso(moment.date()) if moment else ""


def elsewhere(error: ClasioError) -> rx.event.EventSpec:
    """Where somebody goes who is signed out, or cannot enter yet."""
    if isinstance(error, NotSignedIn):
        return rx.redirect(SIGN_IN)
    return rx.redirect(SECOND_FACTOR if isinstance(error, SecondFactorWanted) else NO_ORGANIZATION)


def on_error(exception: Exception) -> rx.event.EventSpec:
    """What becomes of an error that a handler did not show itself: another page, or a notice that stays."""
    if isinstance(exception, NotSignedIn | CannotEnter):
        return elsewhere(exception)
    return FrameState.notify(bridge.in_words(exception)[0], "bad")
