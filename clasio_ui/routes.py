"""Every address of the user interface, in one place: constants for the pages, functions for links to them."""

from collections.abc import Iterable
from urllib.parse import urlencode

OVERVIEW = "/"
DOCUMENTS = "/documents"
DOCUMENT = "/documents/[document_id]"
SEARCH = "/search"
TRASH = "/trash"
QUARANTINE = "/quarantine"
SHARED = "/shared"
ACTIVITY = "/activity"
USAGE = "/usage"
MEMBERS = "/members"
SETTINGS = "/settings"
OPS = "/ops"
OPS_SECURITY = "/ops/security"
OUTBOX = "/ops/outbox"
SIGN_IN = "/sign-in"
SIGN_IN_CODE = "/sign-in/code"
SETUP = "/setup"
SET_PASSWORD = "/set-password"  # noqa: S105  # an address
FORGOT_PASSWORD = "/forgot-password"  # noqa: S105  # an address
LINK_MAILED = "/forgot-password/sent"
RESET_PASSWORD = "/reset-password"  # noqa: S105  # an address
CONFIRM_EMAIL = "/confirm-email"
EMAIL_CONFIRMED = "/confirm-email/done"
INVITE = "/invite"
SECOND_FACTOR = "/second-factor"
NO_ORGANIZATION = "/no-organization"
NOT_FOUND = "/404"

# Plain HTTP of `clasio_backend.http`: forms post there, because only HTTP sets an HttpOnly cookie.
POST_SIGN_IN = "/auth/sign-in"
POST_SIGN_IN_CODE = "/auth/sign-in/code"
POST_SIGN_OUT = "/auth/sign-out"
POST_SETUP = "/auth/setup"
POST_SET_PASSWORD = "/auth/set-password"  # noqa: S105  # an address
POST_CHANGE_PASSWORD = "/auth/change-password"  # noqa: S105  # an address
POST_FORGOT_PASSWORD = "/auth/forgot-password"  # noqa: S105  # an address
POST_RESET_PASSWORD = "/auth/reset-password"  # noqa: S105  # an address
POST_CONFIRM_EMAIL = "/auth/confirm-email"
POST_ACCEPT_INVITE = "/auth/accept-invite"
POST_JOIN = "/auth/join"
POST_SWITCH = "/auth/switch"
POST_DOCUMENTS = "/api/v1/documents"


def provider_path(slug: str, what: str) -> str:
    """To a provider and back; `what` is `sign-in`, `again` or `connect`."""
    return f"/auth/provider/{slug}/{what}"


def connected_accounts_path() -> str:
    """Where they are connected, and where one signs in again."""
    return f"{SETTINGS}#connected-accounts"


def documents_path(**filters: str) -> str:
    """The list, narrowed by `category`, `type`, `stage`, `outcome`, `source` and ordered by `sort`."""
    return _with_query(DOCUMENTS, filters)


def document_path(document_id: str, q: str = "") -> str:
    """`q` is marked in its pages."""
    return _with_query(f"{DOCUMENTS}/{document_id}", {"q": q} if q else {})


def pages_path(document_id: str) -> str:
    """The sizes of its pages; below it, each page by its number."""
    return f"{POST_DOCUMENTS}/{document_id}/pages"


def thumbnail_path(document_id: str) -> str:
    """Its first page as a small picture."""
    return f"{pages_path(document_id)}/1?size=thumbnail"


def activity_path(**filters: str) -> str:
    """The activity, narrowed by `person`, `subject`, `document`, `since` and `until`."""
    return _with_query(ACTIVITY, filters)


def activity_csv_path(**filters: str) -> str:
    """The same as a file, by the names of the API."""
    return _with_query("/api/v1/activity.csv", filters)


def content_path(document_id: str) -> str:
    """The original bytes, as a download."""
    return f"{POST_DOCUMENTS}/{document_id}/content"


def archive_path(ids: Iterable[str] = (), **filters: str) -> str:
    """These documents, or all that fit the filters, as one ZIP file."""
    return f"/api/v1/documents.zip?{urlencode({'ids': list(ids)} | filters, doseq=True, errors='replace')}"


def export_path(export_id: str) -> str:
    """The file of an export, as a download."""
    return f"/api/v1/exports/{export_id}/content"


def exports_path() -> str:
    """Where an organization is exported."""
    return f"{SETTINGS}#export"


def search_path(q: str = "", **filters: str) -> str:
    return _with_query(SEARCH, ({"q": q} if q else {}) | filters)


def _with_query(path: str, values: dict[str, str]) -> str:
    """What people type may hold half a character (a lone surrogate), which no address can."""
    return f"{path}?{urlencode(values, errors='replace')}" if values else path
