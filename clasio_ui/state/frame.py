"""What surrounds every page: who is signed in, where, and the notices."""

import itertools

import reflex as rx

from clasio_backend.organizations.service import list_categories
from clasio_ui import bridge
from clasio_ui.routes import SIGN_IN, search_path
from clasio_ui.state.rows import NoticeItem, OrganizationItem

MAX_NOTICES = 4
_numbers = itertools.count(1)


class FrameState(rx.State):
    """Filled by every page's load; holds nothing that the signed-in person may not see."""

    is_ready: bool = False
    user_name: str = ""
    user_email: str = ""
    is_operator: bool = False
    organization_name: str = ""
    organizations: list[OrganizationItem] = []
    categories: list[str] = []
    notices: list[NoticeItem] = []

    @rx.event
    async def load(self):
        """Shows who is here; a person who is signed out goes to the sign-in page."""
        person = await bridge.who(self)
        self.user_name, self.user_email = person.user.name, person.user.email
        self.is_operator = person.user.is_operator
        self.organization_name = person.organization.name
        here = person.organization.id
        self.organizations = [OrganizationItem(str(o.id), o.name, o.id == here) for o in person.organizations]
        self.categories = [category.name for category in await bridge.call(self, list_categories)]
        self.is_ready = True

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


def on_error(exception: Exception) -> rx.event.EventSpec:
    """What becomes of an error that a handler did not show itself: the sign-in page, or a notice that stays."""
    if isinstance(exception, bridge.NotSignedIn):
        return rx.redirect(SIGN_IN)
    return FrameState.notify(bridge.in_words(exception)[0], "bad")
