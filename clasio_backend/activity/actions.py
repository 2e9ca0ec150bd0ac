"""Every action that is written down, with the sentence that tells people about it."""

from enum import StrEnum


class Action(StrEnum):
    ORGANIZATION_CREATED = "organization.created"
    ORGANIZATION_CHANGED = "organization.changed"
    MEMBER_ADDED = "member.added"
    SIGNED_IN = "account.signed_in"
    SIGNED_OUT = "account.signed_out"
    TOKEN_CREATED = "token.created"  # noqa: S105  # the name of an action
    TOKEN_REVOKED = "token.revoked"  # noqa: S105  # the name of an action
    DOCUMENT_UPLOADED = "document.uploaded"
    DOCUMENT_UNREADABLE = "document.unreadable"
    DOCUMENT_FAILED = "document.failed"
    DOCUMENT_ANALYSED = "document.analysed"
    DOCUMENT_CHANGED = "document.changed"
    DOCUMENT_DOWNLOADED = "document.downloaded"
    DOCUMENT_TRASHED = "document.trashed"
    DOCUMENT_RESTORED = "document.restored"
    DOCUMENT_RETRIED = "document.retried"


SENTENCES: dict[Action, str] = {
    Action.ORGANIZATION_CREATED: "created the organization",
    Action.ORGANIZATION_CHANGED: "changed the organization's settings",
    Action.MEMBER_ADDED: "joined the organization",
    Action.SIGNED_IN: "signed in",
    Action.SIGNED_OUT: "signed out",
    Action.TOKEN_CREATED: "created an API token",
    Action.TOKEN_REVOKED: "revoked an API token",
    Action.DOCUMENT_UPLOADED: "uploaded",
    Action.DOCUMENT_UNREADABLE: "could not read",
    Action.DOCUMENT_FAILED: "gave up on",
    Action.DOCUMENT_ANALYSED: "analysed",
    Action.DOCUMENT_CHANGED: "changed",
    Action.DOCUMENT_DOWNLOADED: "downloaded",
    Action.DOCUMENT_TRASHED: "moved to trash",
    Action.DOCUMENT_RESTORED: "restored",
    Action.DOCUMENT_RETRIED: "tried again",
}
