"""Every action that is written down, with the sentence that tells people about it."""

from enum import StrEnum


class Action(StrEnum):
    ORGANIZATION_CREATED = "organization.created"
    ORGANIZATION_CHANGED = "organization.changed"
    PLAN_CHANGED = "organization.plan_changed"
    LIMIT_NEARED = "organization.limit_neared"
    ORGANIZATION_DELETION_ASKED = "organization.deletion_asked"
    ORGANIZATION_KEPT = "organization.kept"
    MEMBER_ADDED = "member.added"
    MEMBER_INVITED = "member.invited"
    INVITE_SENT_AGAIN = "invite.sent_again"
    INVITE_WITHDRAWN = "invite.withdrawn"
    MEMBER_ROLE_CHANGED = "member.role_changed"
    MEMBER_SWITCHED_OFF = "member.switched_off"
    MEMBER_SWITCHED_ON = "member.switched_on"
    MEMBER_REMOVED = "member.removed"
    MEMBER_LEFT = "member.left"
    CATEGORY_ADDED = "category.added"
    CATEGORY_CHANGED = "category.changed"
    CATEGORY_ARCHIVED = "category.archived"
    CATEGORY_RESTORED = "category.restored"
    CATEGORY_MERGED = "category.merged"
    SIGNED_IN = "account.signed_in"
    SIGNED_OUT = "account.signed_out"
    PASSWORD_CHANGED = "account.password_changed"  # noqa: S105  # the name of an action
    PASSWORD_RESET = "account.password_reset"  # noqa: S105  # the name of an action
    EMAIL_CHANGED = "account.email_changed"
    EMAIL_CONFIRMED = "account.email_confirmed"
    SECOND_FACTOR_TURNED_ON = "account.second_factor_turned_on"
    SECOND_FACTOR_TURNED_OFF = "account.second_factor_turned_off"
    SECOND_FACTOR_REMOVED = "account.second_factor_removed"
    RECOVERY_CODES_MADE = "account.recovery_codes_made"
    RECOVERY_CODE_USED = "account.recovery_code_used"
    IDENTITY_CONNECTED = "account.identity_connected"
    IDENTITY_DISCONNECTED = "account.identity_disconnected"
    ACCOUNT_DELETION_ASKED = "account.deletion_asked"
    ACCOUNT_KEPT = "account.kept"
    ACCOUNT_NOT_DELETED = "account.not_deleted"
    ACCOUNT_DELETED = "account.deleted"
    TOKEN_CREATED = "token.created"  # noqa: S105  # the name of an action
    TOKEN_REVOKED = "token.revoked"  # noqa: S105  # the name of an action
    DOCUMENT_UPLOADED = "document.uploaded"
    DOCUMENT_QUARANTINED = "document.quarantined"
    DOCUMENT_RELEASED = "document.released"
    DOCUMENT_UNREADABLE = "document.unreadable"
    DOCUMENT_FAILED = "document.failed"
    DOCUMENT_ANALYSED = "document.analysed"
    DOCUMENT_CHANGED = "document.changed"
    DOCUMENT_NOT_ANALYSED = "document.not_analysed"
    VALUE_ACCEPTED = "document.value_accepted"
    VALUE_TAKEN_BACK = "document.value_taken_back"
    DOCUMENT_DOWNLOADED = "document.downloaded"
    DOCUMENTS_DOWNLOADED = "document.many_downloaded"
    DOCUMENT_TRASHED = "document.trashed"
    DOCUMENT_RESTORED = "document.restored"
    DOCUMENT_RETRIED = "document.retried"
    DOCUMENT_PURGED = "document.purged"
    TRASH_EMPTIED = "document.trash_emptied"
    SHARE_CREATED = "share.created"
    SHARE_CHANGED = "share.changed"
    SHARE_REVOKED = "share.revoked"
    SHARE_OPENED = "share.opened"
    ACTIVITY_EXPORTED = "activity.exported"
    EXPORT_STARTED = "export.started"
    EXPORT_MADE = "export.made"
    EXPORT_DOWNLOADED = "export.downloaded"
    EXPORT_REMOVED = "export.removed"
    ORGANIZATION_IMPORTED = "organization.imported"


SENTENCES: dict[Action, str] = {
    Action.ORGANIZATION_CREATED: "created the organization",
    Action.ORGANIZATION_CHANGED: "changed the organization's settings",
    Action.PLAN_CHANGED: "changed the plan",
    Action.LIMIT_NEARED: "used the plan up to",
    Action.ORGANIZATION_DELETION_ASKED: "asked for the deletion of the organization",
    Action.ORGANIZATION_KEPT: "called off the deletion of the organization",
    Action.MEMBER_ADDED: "joined the organization",
    Action.MEMBER_INVITED: "invited",
    Action.INVITE_SENT_AGAIN: "sent the invite again to",
    Action.INVITE_WITHDRAWN: "withdrew the invite of",
    Action.MEMBER_ROLE_CHANGED: "changed the role of",
    Action.MEMBER_SWITCHED_OFF: "switched off the access of",
    Action.MEMBER_SWITCHED_ON: "switched on the access of",
    Action.MEMBER_REMOVED: "removed",
    Action.MEMBER_LEFT: "left the organization",
    Action.CATEGORY_ADDED: "added the category",
    Action.CATEGORY_CHANGED: "changed the category",
    Action.CATEGORY_ARCHIVED: "archived the category",
    Action.CATEGORY_RESTORED: "restored the category",
    Action.CATEGORY_MERGED: "merged the category",
    Action.SIGNED_IN: "signed in",
    Action.SIGNED_OUT: "signed out",
    Action.PASSWORD_CHANGED: "changed their password",
    Action.PASSWORD_RESET: "chose a new password by a link that was mailed",
    Action.EMAIL_CHANGED: "changed their e-mail address",
    Action.EMAIL_CONFIRMED: "confirmed their e-mail address",
    Action.SECOND_FACTOR_TURNED_ON: "turned two-factor sign-in on",
    Action.SECOND_FACTOR_TURNED_OFF: "turned two-factor sign-in off",
    Action.SECOND_FACTOR_REMOVED: "had two-factor sign-in turned off by an operator",
    Action.RECOVERY_CODES_MADE: "made new recovery codes",
    Action.RECOVERY_CODE_USED: "used a recovery code",
    Action.IDENTITY_CONNECTED: "connected another way to sign in",
    Action.IDENTITY_DISCONNECTED: "disconnected a way to sign in",
    Action.ACCOUNT_DELETION_ASKED: "asked for the deletion of their account",
    Action.ACCOUNT_KEPT: "called off the deletion of their account",
    Action.ACCOUNT_NOT_DELETED: "did not delete the account of",
    Action.ACCOUNT_DELETED: "deleted the account of",
    Action.TOKEN_CREATED: "created an API token",
    Action.TOKEN_REVOKED: "revoked an API token",
    Action.DOCUMENT_UPLOADED: "uploaded",
    Action.DOCUMENT_QUARANTINED: "put into quarantine",
    Action.DOCUMENT_RELEASED: "released from quarantine",
    Action.DOCUMENT_UNREADABLE: "could not read",
    Action.DOCUMENT_FAILED: "gave up on",
    Action.DOCUMENT_ANALYSED: "analysed",
    Action.DOCUMENT_CHANGED: "changed",
    Action.DOCUMENT_NOT_ANALYSED: "did not analyse",
    Action.VALUE_ACCEPTED: "accepted a value of",
    Action.VALUE_TAKEN_BACK: "took back a value of",
    Action.DOCUMENT_DOWNLOADED: "downloaded",
    Action.DOCUMENTS_DOWNLOADED: "downloaded as ZIP",
    Action.DOCUMENT_TRASHED: "moved to trash",
    Action.DOCUMENT_RESTORED: "restored",
    Action.DOCUMENT_RETRIED: "tried again",
    Action.DOCUMENT_PURGED: "removed for good",
    Action.TRASH_EMPTIED: "emptied the trash",
    Action.SHARE_CREATED: "shared",
    Action.SHARE_CHANGED: "changed a share of",
    Action.SHARE_REVOKED: "revoked a share of",
    Action.SHARE_OPENED: "opened",
    Action.ACTIVITY_EXPORTED: "exported the activity",
    Action.EXPORT_STARTED: "started an export of",
    Action.EXPORT_MADE: "finished the export of",
    Action.EXPORT_DOWNLOADED: "downloaded the export of",
    Action.EXPORT_REMOVED: "removed the export of",
    Action.ORGANIZATION_IMPORTED: "imported the organization from an export of",
}
