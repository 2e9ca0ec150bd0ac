"""Entries as sentences for people."""

from collections.abc import Callable
from typing import Any

from clasio_backend.activity.actions import SENTENCES, Action
from clasio_backend.activity.repository import Listed
from clasio_backend.activity.schemas import ActivityRow
from clasio_backend.models import Activity

SYSTEM = "Clasio"
VISITOR = "A visitor"
FIELDS = {
    "name": "name",
    "category": "category",
    "document_type": "type",
    "summary": "summary",
    "issued_on": "issued",
    "due_on": "due",
    "expires_on": "expires",
    "plan": "plan",
    "analysis_mode": "when analyses start",
    "max_share_days": "longest share",
    "requires_second_factor": "two-factor sign-in for everybody",
    "local_only": "analyse on this machine only",
    "never_send": "never send to AI",
    "language": "language",
    "amounts": "amounts",
    "parties": "parties",
}


def in_words(listed: Listed) -> ActivityRow:
    """The entry with present names; a name that is gone is read from the entry itself."""
    entry, person, document, about, invited, shared_with = listed
    visitor = f"{VISITOR} ({shared_with})" if shared_with else VISITOR
    return ActivityRow(
        id=entry.id,
        at=entry.at,
        who=person or (visitor if entry.share_id else SYSTEM),
        action=entry.action,
        sentence=SENTENCES[Action(entry.action)],
        target_kind=entry.target_kind,
        target_id=entry.target_id,
        target_name=_target(entry, document or about or invited),
        detail=_detail(Action(entry.action), entry.details),
        request_id=entry.request_id,
    )


def _target(entry: Activity, name: str | None) -> str:
    is_oneself = entry.target_kind == "user" and entry.target_id == entry.user_id
    is_joining = entry.action in {Action.MEMBER_ADDED, Action.MEMBER_LEFT}
    return "" if is_oneself or is_joining else name or str(entry.details.get("name", ""))


def _detail(action: Action, details: dict[str, Any]) -> str:
    say = _SAID.get(action)
    return say(details) if say else ""


def _change(details: dict[str, Any]) -> str:
    return f"from {_plain(details.get('before'))} to {_plain(details.get('after'))}"


def _plain(value: Any) -> Any:
    return {True: "on", False: "off"}[value] if isinstance(value, bool) else value


def _setting(details: dict[str, Any]) -> str:
    field = str(details.get("field", ""))
    return f"{FIELDS.get(field, field)} {_change(details)}"


def _level(details: dict[str, Any]) -> str:
    return f"{details.get('percent')} %: {details.get('used')}"


def _fields(details: dict[str, Any]) -> str:
    return ", ".join(FIELDS.get(field, field) for field in details.get("fields", []))


def _how_many(details: dict[str, Any]) -> str:
    count = details.get("documents")
    return "1 document" if count == 1 else f"{count} documents"


def _way(details: dict[str, Any]) -> str:
    how = "by link" if details.get("by_link") else "by mail"
    return f"{how}, with a password" if details.get("has_password") else how


def _device(details: dict[str, Any]) -> str:
    device = details.get("device")
    return f"on a {device}" if device in {"phone", "tablet", "computer"} else ""


def _category(details: dict[str, Any]) -> str:
    """A new name, or which of its settings."""
    return _change(details) if details.get("field") == "name" else _setting(details)


def _into(details: dict[str, Any]) -> str:
    return f"into {details.get('into')}"


def _analysed(details: dict[str, Any]) -> str:
    if details.get("source") != "gemini":
        return ""
    return "by Gemini, from an earlier result" if details.get("from_earlier") else "by Gemini"


def _due(details: dict[str, Any]) -> str:
    return f"due on {details.get('due')}"


def _through(details: dict[str, Any]) -> str:
    provider = details.get("provider")
    return f"({provider})" if provider else ""


_SAID: dict[Action, Callable[[dict[str, Any]], str]] = {
    Action.MEMBER_ROLE_CHANGED: _change,
    Action.MEMBER_INVITED: lambda details: f"as {details.get('role')}",
    Action.ORGANIZATION_CHANGED: _setting,
    Action.PLAN_CHANGED: _change,
    Action.LIMIT_NEARED: _level,
    Action.CATEGORY_CHANGED: _category,
    Action.CATEGORY_MERGED: _into,
    Action.DOCUMENT_ANALYSED: _analysed,
    Action.DOCUMENT_QUARANTINED: lambda details: str(details.get("signature", "")),
    Action.DOCUMENT_RELEASED: lambda details: f"because: {details.get('reason', '')}",
    Action.DOCUMENT_CHANGED: _fields,
    Action.VALUE_ACCEPTED: _fields,
    Action.VALUE_TAKEN_BACK: _fields,
    Action.TRASH_EMPTIED: _how_many,
    Action.DOCUMENTS_DOWNLOADED: _how_many,
    Action.SHARE_CREATED: _way,
    Action.SHARE_OPENED: _device,
    Action.ORGANIZATION_DELETION_ASKED: _due,
    Action.ACCOUNT_DELETION_ASKED: _due,
    Action.IDENTITY_CONNECTED: _through,
    Action.IDENTITY_DISCONNECTED: _through,
}
