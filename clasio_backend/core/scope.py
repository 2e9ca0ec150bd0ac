"""Who acts, and inside which organization.

A `Scope` is minted in three places only (an architecture test looks): `accounts.authorize` for people and API
tokens, `sharing.open_share` for share tokens, and `system_scope` here for jobs and the command line.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from clasio_backend.core.errors import NotFound, OutsideTokenScope
from clasio_backend.core.ids import new_id


def new_request_id() -> str:
    """An id for one request, event or job run; it is in every log line and answer."""
    return new_id().hex


class Role(StrEnum):
    MEMBER = "member"
    OWNER = "owner"
    SHARE_VIEWER = "share_viewer"
    SHARE_EDITOR = "share_editor"
    SYSTEM = "system"


class Permission(StrEnum):
    """What a role may do: the rows of product.md §3. Services, routes and pages all read this one list.

    Members see the meters, because a member whose upload is refused must be able to see why, but only their own part in
    them: what each colleague did is the owner's business, as in the activity.
    """

    READ_DOCUMENTS = "documents.read"
    EDIT_DOCUMENTS = "documents.edit"
    ADD_DOCUMENTS = "documents.add"
    ANALYSE_DOCUMENTS = "documents.analyse"
    TRASH_DOCUMENTS = "documents.trash"
    PURGE_DOCUMENTS = "documents.purge"
    MANAGE_QUARANTINE = "documents.quarantine"
    SHARE_DOCUMENTS = "shares.create"
    REVOKE_ANY_SHARE = "shares.revoke_any"
    READ_ACTIVITY = "activity.read"
    READ_ALL_ACTIVITY = "activity.read_all"
    MANAGE_OWN_TOKENS = "tokens.manage_own"
    EXPORT_OWN_DATA = "exports.own"
    EXPORT_ORGANIZATION = "exports.organization"
    MANAGE_MEMBERS = "members.manage"
    MANAGE_ORGANIZATION = "organization.manage"
    MANAGE_CATEGORIES = "categories.manage"
    READ_USAGE = "usage.read"
    READ_ALL_USAGE = "usage.read_all"
    CHANGE_PLAN = "plan.change"
    DELETE_ORGANIZATION = "organization.delete"


_VIEWER = frozenset({Permission.READ_DOCUMENTS})
_EDITOR = _VIEWER | {Permission.EDIT_DOCUMENTS}
_MEMBER = _EDITOR | {
    Permission.ADD_DOCUMENTS,
    Permission.ANALYSE_DOCUMENTS,
    Permission.TRASH_DOCUMENTS,
    Permission.SHARE_DOCUMENTS,
    Permission.READ_ACTIVITY,
    Permission.MANAGE_OWN_TOKENS,
    Permission.READ_USAGE,
    Permission.EXPORT_OWN_DATA,
}
_OWNER = frozenset(Permission) - {Permission.CHANGE_PLAN}  # a plan is paid for, or given by the operator

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.SHARE_VIEWER: _VIEWER,
    Role.SHARE_EDITOR: _EDITOR,
    Role.MEMBER: _MEMBER,
    Role.OWNER: _OWNER,
    Role.SYSTEM: frozenset(Permission),
}


class TokenScope(StrEnum):
    """What an API token was made for: never more than its member may do."""

    EVERYTHING = "everything"
    READ = "read"
    ADD = "add"


TOKEN_PERMISSIONS: dict[TokenScope, frozenset[Permission]] = {
    TokenScope.EVERYTHING: frozenset(Permission),
    TokenScope.READ: frozenset(
        {
            Permission.READ_DOCUMENTS,
            Permission.READ_ACTIVITY,
            Permission.READ_ALL_ACTIVITY,
            Permission.READ_USAGE,
            Permission.READ_ALL_USAGE,
        }
    ),
    TokenScope.ADD: frozenset({Permission.ADD_DOCUMENTS}),
}


@dataclass(frozen=True, slots=True)
class Scope:
    """One actor inside one organization. `reason` says why the system acts when no person does.

    A visitor who came by a share has no user: `share_id` says which share, and only `document_id` is there for them.
    `withheld` is what the person may do and their API token may not; `token_id` is that token, and `session_id` which
    of their browsers this is.
    """

    organization_id: UUID
    user_id: UUID | None
    role: Role
    permissions: frozenset[Permission]
    request_id: str
    reason: str | None = None
    share_id: UUID | None = None
    document_id: UUID | None = None
    withheld: frozenset[Permission] = frozenset()
    session_id: UUID | None = None
    token_id: UUID | None = None

    def may(self, permission: Permission) -> bool:
        return permission in self.permissions

    def require(self, permission: Permission, what: str = "page") -> None:
        """Raises `NotFound`: missing and forbidden look the same (product.md §3).

        Or `OutsideTokenScope`: whose token it is knows that the thing is there, and has to know which token to take.
        """
        if permission in self.withheld:
            raise OutsideTokenScope
        if not self.may(permission):
            raise NotFound(what)

    def require_whole(self) -> None:
        """For what everybody may do without a permission; raises `OutsideTokenScope` for a token made for less."""
        if self.withheld:
            raise OutsideTokenScope


@dataclass(frozen=True, slots=True)
class UserScope:
    """A signed-in person outside any organization: own profile, own sessions, own memberships.

    `session_id` is which of their browsers this is, where it is one.
    """

    user_id: UUID
    request_id: str
    session_id: UUID | None = None


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
