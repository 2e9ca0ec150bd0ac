"""People, invites and mail as pages show them."""

from dataclasses import dataclass
from uuid import UUID

from clasio_backend.mail.schemas import KeptMail
from clasio_backend.organizations.schemas import InviteRow, PersonRow
from clasio_ui.state.rows import days_left, in_days, iso

ROLE_LABELS = {"owner": "Owner", "member": "Member"}


@dataclass(frozen=True)
class PersonItem:
    """`factor` is `on` or `off`, and empty for who may not know."""

    id: str
    name: str
    email: str
    role: str
    role_label: str
    is_active: bool
    is_me: bool
    last_seen_at: str
    factor: str


def person_item(row: PersonRow, me: UUID | None) -> PersonItem:
    return PersonItem(
        str(row.id),
        row.name,
        row.email,
        row.role,
        ROLE_LABELS[row.role],
        row.is_active,
        row.id == me,
        iso(row.last_seen_at),
        {True: "on", False: "off", None: ""}[row.has_second_factor],
    )


@dataclass(frozen=True)
class InviteItem:
    """`until` is a sentence: how long the link still works."""

    id: str
    email: str
    role_label: str
    invited_by: str
    sent_at: str
    until: str
    is_expired: bool


def invite_item(row: InviteRow) -> InviteItem:
    return InviteItem(
        str(row.id), row.email, ROLE_LABELS[row.role], row.invited_by, iso(row.sent_at), _until(row), row.is_expired
    )


def _until(row: InviteRow) -> str:
    if row.is_expired:
        return "Expired"
    return in_days("Expires", days_left(row.expires_at))


@dataclass(frozen=True)
class MailItem:
    id: str
    at: str
    to_address: str
    subject: str
    text: str


def mail_item(mail: KeptMail) -> MailItem:
    return MailItem(str(mail.id), iso(mail.created_at), mail.to_address, mail.subject, mail.text)
