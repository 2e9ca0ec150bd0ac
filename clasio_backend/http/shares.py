"""Behind a share's link: one document, for people without an account. Plain HTML; every route works without JavaScript.

The key of a protected share is a cookie of this one address, so that two shares never open each other.
"""

from collections.abc import Callable
from functools import wraps
from typing import Annotated, Any

from fastapi import APIRouter, Form, Path, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import ValidationError

from clasio_backend.core.config import get_settings
from clasio_backend.core.errors import ClasioError
from clasio_backend.documents.errors import DocumentNotFound
from clasio_backend.documents.schemas import DocumentChange
from clasio_backend.http.callers import client_address
from clasio_backend.http.downloads import as_download
from clasio_backend.http.problems import invalid
from clasio_backend.http.share_pages import HEADERS, page
from clasio_backend.security import rates
from clasio_backend.security.rate_limit import take
from clasio_backend.sharing import pages, visits
from clasio_backend.sharing.errors import ShareNotFound, SharePasswordNeeded, WrongSharePassword
from clasio_backend.sharing.schemas import Device, Opened, SharedDocument

router = APIRouter(prefix="/s", include_in_schema=False)
KEY_COOKIE = "clasio_share"
EDITABLE = ("name", "category", "document_type", "summary", "issued_on", "due_on", "expires_on")
Field = Annotated[str, Form(max_length=2000)]


def _as_page(route: Callable[..., Response]) -> Callable[..., Response]:
    """Answers expected errors with a page for people."""

    @wraps(route)
    def answered(request: Request, token: str, **values: Any) -> Response:
        try:
            return route(request, token, **values)
        except SharePasswordNeeded:
            return _password_page(token)
        except WrongSharePassword as error:
            return _password_page(token, error.message)
        except (ShareNotFound, DocumentNotFound):  # closed, revoked, unknown: the same answer
            message = ShareNotFound().message
            return page("share_message.html", status=404, heading="This link does not work", message=message)
        except ClasioError as error:
            answer = page("share_message.html", status=error.status, heading="This did not work", message=error.message)
            if error.retry_after:
                answer.headers["Retry-After"] = str(error.retry_after)
            return answer

    return answered


def _password_page(token: str, message: str = "") -> Response:
    return page("share_password.html", status=401, action=f"/s/{token}", message=message)


@router.get("/{token}")
@_as_page
def show(
    request: Request, token: str, saved: bool = False, page: Annotated[int, Query(ge=1, le=1_000_000)] = 1
) -> Response:
    """The document, with the pages around `page`."""
    opened = _enter(request, token)
    shared = visits.visit(opened, _device(request), reads_on=page > 1)
    return _document_page(token, shared, sheet=_sheet(request, opened, shared, page), is_saved=saved)


@router.post("/{token}")
@_as_page
def unlock(request: Request, token: str, password: Field) -> Response:
    _slow_down(request)
    key = visits.unlock_share(token, password, ip_address=client_address(request))
    answer = RedirectResponse(f"/s/{token}", status_code=303, headers=HEADERS)
    answer.set_cookie(
        KEY_COOKIE,
        key,
        path=f"/s/{token}",
        max_age=int(visits.KEY_LIFETIME.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=get_settings().secure_cookies,
    )
    return answer


@router.get("/{token}/content")
@_as_page
def download(request: Request, token: str) -> Response:
    """The original bytes, always as a download."""
    answer = as_download(visits.download(_enter(request, token), _device(request)))
    answer.headers.update({name: HEADERS[name] for name in ("Cache-Control", "Referrer-Policy", "X-Robots-Tag")})
    return answer


@router.get("/{token}/pages/{n}")
@_as_page
def show_page(request: Request, token: str, n: Annotated[int, Path(ge=1, le=1_000_000)]) -> Response:
    """One page as a picture. Browsers keep none: the next look asks whether the share is still open."""
    take(rates.share_picture(client_address(request)))
    opened = _open(request, token)
    visits.note_look(opened, _device(request), reads_on=True)
    picture = pages.read_picture(opened, n, ip_address=client_address(request))
    kept = {name: HEADERS[name] for name in ("Cache-Control", "Referrer-Policy", "X-Robots-Tag")}
    return Response(
        picture, media_type="image/webp", headers=kept | {"Content-Security-Policy": "sandbox; default-src 'none'"}
    )


@router.post("/{token}/edit")
@_as_page
def edit(  # noqa: PLR0913, PLR0917  # the form's fields
    request: Request,
    token: str,
    name: Field = "",
    category: Field = "",
    document_type: Field = "",
    summary: Field = "",
    issued_on: Field = "",
    due_on: Field = "",
    expires_on: Field = "",
) -> Response:
    """An editor's change of what is known about the document; only what differs counts as changed."""
    typed = {
        "name": name,
        "category": category,
        "document_type": document_type,
        "summary": summary,
        "issued_on": issued_on,
        "due_on": due_on,
        "expires_on": expires_on,
    }
    typed = {field: value.strip() for field, value in typed.items()}
    opened = _enter(request, token)
    shared = visits.look(opened)
    before = _values(shared)
    changed = {field: value or None for field, value in typed.items() if value.replace("\r\n", "\n") != before[field]}
    try:
        if changed:
            visits.edit(opened, DocumentChange.model_validate(changed))
    except ValidationError as error:
        message = invalid(list(error.errors())).message
    except ClasioError as error:
        if error.status != 422:
            raise
        message = error.message
    else:
        return RedirectResponse(f"/s/{token}?saved=1", status_code=303, headers=HEADERS)
    sheet = _sheet(request, opened, shared, 1)
    return _document_page(token, shared, typed, sheet=sheet, status=422, message=message)


def _sheet(request: Request, opened: Opened, shared: SharedDocument, number: int) -> pages.Sheet | None:
    if not shared.document.has_picture:
        return None
    count = shared.document.page_count
    return pages.read_sheet(opened, number, page_count=count, ip_address=client_address(request))


def _enter(request: Request, token: str) -> Opened:
    _slow_down(request)
    return _open(request, token)


def _open(request: Request, token: str) -> Opened:
    opened = visits.open_share(token, request.cookies.get(KEY_COOKIE), request_id=request.state.request_id)
    request.state.organization_id = opened.scope.organization_id
    return opened


def _slow_down(request: Request) -> None:
    take(rates.share_visit(client_address(request)))


def _device(request: Request) -> Device:
    return visits.device_of(request.headers.get("user-agent", ""))


def _values(shared: SharedDocument) -> dict[str, str]:
    return {field: str(getattr(shared.document, field) or "") for field in EDITABLE}


def _document_page(  # noqa: PLR0913  # what the page can say
    token: str,
    shared: SharedDocument,
    values: dict[str, str] | None = None,
    *,
    sheet: pages.Sheet | None,
    status: int = 200,
    message: str = "",
    is_saved: bool = False,
) -> Response:
    return page(
        "share.html",
        status=status,
        action=f"/s/{token}",
        shared=shared,
        sheet=sheet,
        values=values or _values(shared),
        message=message,
        is_saved=is_saved,
    )
