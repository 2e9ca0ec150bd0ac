"""Who acts, and inside which organization.

A `Scope` is minted in three places only (an architecture test looks): `accounts.authorize` for people and API
tokens, `sharing.open_share` for share tokens, and `system_scope` here for jobs and the command line.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from clasio_backend.core.ids import new_id


def new_request_id() -> str:
    """An id for one request, event or job run; it is in every log line and answer."""
    return new_id().hex


class Role(StrEnum):
    MEMBER = "member"
    OWNER = "owner"
    SYSTEM = "system"


class Permission(StrEnum):
    """What a role may do: the rows of product.md §3 that exist so far."""

    READ_DOCUMENTS = "documents.read"
    WRITE_DOCUMENTS = "documents.write"
    MANAGE_ORGANIZATION = "organization.manage"


PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.MEMBER: frozenset({Permission.READ_DOCUMENTS, Permission.WRITE_DOCUMENTS}),
    Role.OWNER: frozenset(Permission),
    Role.SYSTEM: frozenset(Permission),
}


@dataclass(frozen=True, slots=True)
class Scope:
    """One actor inside one organization. `reason` says why the system acts when no person does."""

    organization_id: UUID
    user_id: UUID | None
    role: Role
    permissions: frozenset[Permission]
    request_id: str
    reason: str | None = None

    def may(self, permission: Permission) -> bool:
        return permission in self.permissions


@dataclass(frozen=True, slots=True)
class UserScope:
    """A signed-in person outside any organization: own profile, own sessions, own memberships."""

    user_id: UUID
    request_id: str


@dataclass(frozen=True, slots=True)
class NoScope:
    """Before anybody is known: only the gateway's functions give anything."""

    request_id: str = field(default_factory=new_request_id)


AnyScope = Scope | UserScope | NoScope


def system_scope(organization_id: UUID, reason: str, *, request_id: str | None = None) -> Scope:
    """The scope of a job or a command. `reason` is for the log and the activity entry."""
    return Scope(
        organization_id=organization_id,
        user_id=None,
        role=Role.SYSTEM,
        permissions=PERMISSIONS[Role.SYSTEM],
        request_id=request_id or new_request_id(),
        reason=reason,
    )
