"""The page behind an invite's link. It asks for no session: the link itself says what may be seen."""

import reflex as rx

from clasio_backend.accounts.errors import CannotEnter, LinkNotFound
from clasio_backend.core.errors import NotSignedIn
from clasio_backend.organizations.invites import view_invite
from clasio_ui import bridge
from clasio_ui.state.people import ROLE_LABELS


class InviteState(rx.State):
    """`way` is `loading`, `gone`, `new` (no account yet), `known` (has one), `here` (signed in) or `other`."""

    way: str = "loading"
    organization: str = ""
    invited_by: str = ""
    email: str = ""
    role: str = ""

    @rx.event
    async def load(self):
        """Looks at the link, and at who is signed in."""
        token = self.router.url.query_parameters.get("token", "")
        try:
            found = await bridge.anybody(view_invite, token)
        except LinkNotFound:
            self.way = "gone"
            return
        self.organization, self.invited_by, self.email = found.organization, found.invited_by, found.email
        self.role = ROLE_LABELS[found.role].lower()
        self.way = "known" if found.has_account else "new"
        try:
            person = await bridge.who(self)
        except (NotSignedIn, CannotEnter):
            return
        self.way = "here" if person.user.email.lower() == found.email.lower() else "other"
