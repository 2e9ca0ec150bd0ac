"""Sharing: the dialog that opens a document to somebody, and the page of all live shares."""

from dataclasses import dataclass
from uuid import UUID

import reflex as rx
from pydantic import ValidationError

from clasio_backend.core.errors import ClasioError, NotSignedIn
from clasio_backend.core.scope import Permission
from clasio_backend.core.unit_of_work import UnitOfWork
from clasio_backend.documents.schemas import DocumentDetail
from clasio_backend.documents.service import get_document
from clasio_backend.organizations.settings import read_settings
from clasio_backend.sharing.schemas import DEFAULT_DAYS, NewShare, OpenRow, ShareChange, ShareRow
from clasio_backend.sharing.service import (
    change_share,
    list_opens,
    list_shares,
    revoke_all_shares,
    revoke_share,
    share_document,
)
from clasio_ui import bridge
from clasio_ui.routes import document_path
from clasio_ui.state.frame import FrameState
from clasio_ui.state.rows import days_left, in_days, iso
from clasio_ui.state.screen import Screen

ENDS_SOON_DAYS = 3
OFFERED_DAYS = (1, 7, 14, 30, 60, 90)
ANYONE = "Anyone with the link"
BAD_FORM = {
    "email": "This is not an e-mail address. Check it for typing errors.",
    "password": "A password has 8 characters at least.",
    "expires_in_days": "Choose how long the share lasts.",
}


@dataclass(frozen=True)
class ShareItem:
    """`until` says in words how long it is still open."""

    id: str
    document_name: str
    document_href: str
    whom: str
    access: str
    has_password: bool
    shared_by: str
    until: str
    ends_soon: bool
    opened: str
    last_opened_at: str
    may_revoke: bool


def share_item(row: ShareRow) -> ShareItem:
    days = days_left(row.expires_at)
    times = (
        "Never opened" if not row.open_count else f"Opened {row.open_count} time{'' if row.open_count == 1 else 's'}"
    )
    return ShareItem(
        id=str(row.id),
        document_name=row.document_name,
        document_href=document_path(str(row.document_id)),
        whom=row.email or ANYONE,
        access="Can edit details" if row.access == "editor" else "Can view",
        has_password=row.has_password,
        shared_by=row.shared_by,
        until=in_days("Ends", days),
        ends_soon=days <= ENDS_SOON_DAYS,
        opened=times,
        last_opened_at=iso(row.last_opened_at),
        may_revoke=row.may_revoke,
    )


@dataclass(frozen=True)
class OpenItem:
    at: str
    what: str


def open_item(row: OpenRow) -> OpenItem:
    done = "Downloaded" if row.kind == "download" else "Opened"
    return OpenItem(iso(row.at), f"{done} on a {row.device}" if row.device != "program" else f"{done} by a program")


def offered_days(longest: int) -> list[tuple[str, str]]:
    """(days, words) up to the owners' maximum."""
    days = sorted({day for day in OFFERED_DAYS if day <= longest} | {longest})
    return [(str(day), "1 day" if day == 1 else f"{day} days") for day in days]


class ShareDialogState(rx.State):
    """Opens one document to somebody. The link is in state only while the dialog shows it."""

    document_id: str = ""
    document_name: str = ""
    days: list[tuple[str, str]] = []
    default_days: str = ""
    error: str = ""
    error_field: str = ""
    """`email` or `password`; empty when the error is the whole form's."""
    link: str = ""
    sent_to: str = ""
    is_mailed: bool = False

    @rx.event
    async def open(self, document_id: str):
        document, longest = await bridge.call(self, _to_share, bridge.row_id(document_id))
        self.days, self.default_days = offered_days(longest), str(min(DEFAULT_DAYS, longest))
        self.error, self.error_field, self.link = "", "", ""
        self.document_id, self.document_name = str(document.id), document.name

    @rx.event
    def close(self):
        """Closes the dialog and forgets the link that it showed."""
        self.document_id, self.link, self.sent_to = "", "", ""

    @rx.event
    async def share(self, form: dict[str, str]):
        """Shares the document; what was typed stays when it is refused."""
        try:
            wanted = NewShare.model_validate(
                {
                    "email": form.get("email", "").strip() or None,
                    "access": form.get("access") or "viewer",
                    "expires_in_days": form.get("days") or None,
                    "password": form.get("password") or None,
                }
            )
            created = await bridge.call(self, share_document, bridge.row_id(self.document_id), wanted)
        except ValidationError as error:
            self.error_field = str(error.errors()[0]["loc"][0])
            self.error = BAD_FORM.get(self.error_field, "Check what you typed.")
        except NotSignedIn:
            raise
        except ClasioError as error:
            self.error_field, self.error = "", error.message
        else:
            self.error_field, self.error = "", ""
            self.link, self.sent_to, self.is_mailed = created.link, form.get("email", "").strip(), created.is_mailed


class SharedState(Screen, rx.State):
    """All live shares; also what the document's page does with its own."""

    shares: list[ShareItem] = []
    days: list[tuple[str, str]] = []
    may_revoke_all: bool = False
    is_asking: bool = False
    opens_of: str = ""
    opens: list[OpenItem] = []

    async def _fetch(self) -> None:
        rows, longest, self.may_revoke_all = await bridge.call(self, _shares)
        self.shares = [share_item(row) for row in rows]
        self.days = offered_days(longest)

    @rx.event
    async def revoke(self, share_id: str):
        """Closes one share at once."""
        await bridge.call(self, revoke_share, bridge.row_id(share_id))
        await self._say("The share is revoked.")
        await self._refresh()

    @rx.event
    async def set_end(self, share_id: str, days: str):
        """Gives a share another end, counted from now."""
        try:
            change = ShareChange.model_validate({"expires_in_days": days})
        except ValidationError:
            return
        await bridge.call(self, change_share, bridge.row_id(share_id), change)
        await self._refresh()

    @rx.event
    def ask_to_revoke_all(self):
        self.is_asking = True

    @rx.event
    def keep(self):
        self.is_asking = False

    @rx.event
    async def revoke_all(self):
        """Closes every share that the caller may close."""
        self.is_asking = False
        closed = await bridge.call(self, revoke_all_shares)
        await self._say(f"{closed} share{' is' if closed == 1 else 's are'} revoked.")
        await self._refresh()

    @rx.event
    async def show_opens(self, share_id: str):
        """Opens the list of when a share was opened."""
        self.opens = [open_item(row) for row in await bridge.call(self, list_opens, bridge.row_id(share_id))]
        self.opens_of = share_id

    @rx.event
    def hide_opens(self):
        self.opens_of, self.opens = "", []

    async def _say(self, text: str) -> None:
        frame = await self.get_state(FrameState)
        frame._add_notice(text, "good")  # noqa: SLF001  # states of one user interface


def _to_share(uow: UnitOfWork, document_id: UUID) -> tuple[DocumentDetail, int]:
    return get_document(uow, document_id), read_settings(uow).max_share_days


def _shares(uow: UnitOfWork) -> tuple[list[ShareRow], int, bool]:
    return list_shares(uow), read_settings(uow).max_share_days, uow.scope.may(Permission.REVOKE_ANY_SHARE)
