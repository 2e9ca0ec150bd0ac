"""Every address of the user interface, in one place: constants for the pages, functions for links to them."""

from urllib.parse import urlencode

OVERVIEW = "/"
DOCUMENTS = "/documents"
DOCUMENT = "/documents/[document_id]"
SEARCH = "/search"
SIGN_IN = "/sign-in"
SETUP = "/setup"
SET_PASSWORD = "/set-password"  # noqa: S105  # an address
NOT_FOUND = "/404"

# Plain HTTP of `clasio_backend.http`: forms post there, because only HTTP sets an HttpOnly cookie.
POST_SIGN_IN = "/auth/sign-in"
POST_SIGN_OUT = "/auth/sign-out"
POST_SETUP = "/auth/setup"
POST_SET_PASSWORD = "/auth/set-password"  # noqa: S105  # an address
POST_SWITCH = "/auth/switch"
POST_DOCUMENTS = "/api/v1/documents"


def documents_path(**filters: str) -> str:
    """The list, narrowed by `category`, `type`, `stage`, `outcome`, `source` and ordered by `sort`."""
    return _with_query(DOCUMENTS, filters)


def document_path(document_id: str) -> str:
    return f"{DOCUMENTS}/{document_id}"


def content_path(document_id: str) -> str:
    """The original bytes, as a download."""
    return f"{POST_DOCUMENTS}/{document_id}/content"


def search_path(q: str = "", **filters: str) -> str:
    return _with_query(SEARCH, ({"q": q} if q else {}) | filters)


def _with_query(path: str, values: dict[str, str]) -> str:
    return f"{path}?{urlencode(values)}" if values else path
