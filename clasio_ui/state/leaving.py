"""Leaving: the account's and the organization's deletion, asked for and called off."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import reflex as rx
from pydantic import ValidationError

from clasio_backend.core.errors import ClasioError, NotSignedIn
from clasio_backend.leaving.account import ask_account_deletion, keep_account, read_account_deletion
from clasio_backend.leaving.errors import NameDiffers
from clasio_backend.leaving.organization import (
    ask_organization_deletion,
    keep_organization,
    read_organization_deletion,
)
from clasio_backend.leaving.schemas import AccountDeletion, Fate, OrganizationDeletion, OrganizationFate
from clasio_ui import bridge
from clasio_ui.routes import NO_ORGANIZATION, SECOND_FACTOR
from clasio_ui.state.frame import FrameState
from clasio_ui.state.rows import iso

FATES = {
    Fate.LEAVES: "You leave it. It goes on without you.",
    Fate.GOES: "Nobody else is in it, so it is deleted with your account: documents, shares, activity, all of it.",
    Fate.CLOSING: "It waits for its own deletion. Your account is deleted after it.",
    Fate.BLOCKED: "Others are in it, and you are its only owner.",
}


@dataclass(frozen=True)
class FateItem:
    id: str
    name: str
    sentence: str
    is_deleted: bool


def fate_item(organization: OrganizationFate) -> FateItem:
    return FateItem(str(organization.id), organization.name, FATES[organization.fate], organization.fate == Fate.GOES)


class LeavingState(rx.State):
    """A password is only ever in the event that brings it.

    `account_due_on` is filled on the page of somebody without an organization; elsewhere the frame says it.
    """

    is_ready: bool = False
    account_due_on: str = ""
    asking: str = ""
    """`account`, `organization` or nothing: what the open dialog asks about."""
    fates: list[FateItem] = []
    others_stay: bool = False
    refusal: str = ""
    organization: str = ""
    name_error: str = ""
    error: str = ""

    @rx.event
    async def load(self):
        """For the pages of somebody who is in no organization, or cannot enter it."""
        row = await bridge.as_person(self, read_account_deletion)
        self.account_due_on, self.is_ready = iso(row.due_at.date()) if row.due_at else "", True

    @rx.event
    async def ask_about_account(self):
        """Opens the dialog that says what goes and what stays."""
        row = await bridge.as_person(self, read_account_deletion)
        self.fates, self.refusal = [fate_item(organization) for organization in row.organizations], row.refusal
        self.others_stay = any(organization.fate != Fate.GOES for organization in row.organizations)
        self.asking, self.error, self.name_error = "account", "", ""

    @rx.event
    async def ask_about_organization(self):
        """Opens the dialog in which the organization's name is typed."""
        row = await bridge.call(self, read_organization_deletion)
        if row.may_delete:
            self._close()
            self.organization, self.asking = row.name, "organization"

    @rx.event
    def close(self):
        self._close()

    def _close(self) -> None:
        self.asking, self.error, self.name_error, self.fates = "", "", "", []

    def _look_again(self) -> Any:
        """Where the date stands: in the frame, or on the page of somebody who is in none."""
        return (
            LeavingState.load
            if self.router.url.path.rstrip("/") in {NO_ORGANIZATION, SECOND_FACTOR}
            else FrameState.load
        )

    @rx.event
    async def delete_account(self, form: dict[str, str]):
        """Starts the seven days of the account."""
        try:
            wanted = AccountDeletion.model_validate(
                {"documents": form.get("documents") or "stay", "password": form.get("password", "")}
            )
            row = await bridge.as_person(self, ask_account_deletion, wanted)
        except ValidationError:
            self.error = "Choose what becomes of your documents, and type your password."
        except NotSignedIn:
            raise
        except ClasioError as error:
            self.error = error.message
        else:
            self._close()
            yield FrameState.notify(f"Your account will be deleted on {_day(row.due_at)}.")
            yield self._look_again()

    @rx.event
    async def delete_organization(self, form: dict[str, str]):
        """Starts the seven days of the organization."""
        self.error, self.name_error = "", ""
        try:
            wanted = OrganizationDeletion.model_validate(
                {"name": form.get("name", ""), "password": form.get("password", "")}
            )
            row = await bridge.in_scope(self, ask_organization_deletion, wanted)
        except ValidationError:
            self.error = "Type the organization's name and your password."
        except NotSignedIn:
            raise
        except NameDiffers as error:
            self.name_error = error.message
        except ClasioError as error:
            self.error = error.message
        else:
            self._close()
            yield FrameState.notify(f"{row.name} will be deleted on {_day(row.due_at)}.")
            yield FrameState.load

    @rx.event
    async def keep_account(self):
        """Calls the deletion of the account off."""
        await bridge.as_person(self, keep_account)
        yield FrameState.notify("Your account stays.", "good")
        yield self._look_again()

    @rx.event
    async def keep_organization(self):
        """Calls the deletion of the organization off."""
        await bridge.call(self, keep_organization)
        yield FrameState.notify("The organization stays, as it was.", "good")
        yield FrameState.load


def _day(moment: datetime | None) -> str:
    return f"{moment.day} {moment:%B %Y}" if moment else ""
