"""Errors on the wire: RFC 9457 `application/problem+json` with a stable `code`; a bug says nothing but an id."""

import logging
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import ValidationError
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException

from clasio_backend.core.errors import ClasioError, NotFound, TooManyRequests, ValidationFailed

log = logging.getLogger(__name__)
MEDIA_TYPE = "application/problem+json"
_TITLES = {
    400: "Bad request",
    401: "Not signed in",
    402: "Limit reached",
    403: "Not permitted",
    404: "Not found",
    405: "Method not allowed",
    408: "Too slow",
    409: "Conflict",
    413: "Too large",
    415: "Unsupported type",
    422: "Not valid",
    429: "Too many requests",
}
_NO_FIELD = frozenset({"body", "query", "path"})
_CANNOT_PARSE = "There was an error parsing the body"
"""FastAPI's own words for a body that is not even text, which it answers with 400."""


class BadBody(ValidationFailed):
    """The same answer as for a body that is wrong in a lesser way."""

    def __init__(self) -> None:
        super().__init__(
            "The body of this request cannot be read. Correct it and send again.", {"body": "cannot be read"}
        )


def problem(request: Request, status: int, code: str, detail: str, **members: Any) -> JSONResponse:
    """One problem document; `request_id` lets the operator find the log lines."""
    content = {
        "type": "about:blank",
        "title": _TITLES.get(status, "Something went wrong"),
        "status": status,
        "code": code,
        "detail": detail,
        "request_id": getattr(request.state, "request_id", ""),
        **members,
    }
    headers = {"Retry-After": str(members["retry_after"])} if "retry_after" in members else None
    return JSONResponse(content, status_code=status, media_type=MEDIA_TYPE, headers=headers)


def of_error(request: Request, error: ClasioError) -> JSONResponse:
    return problem(request, error.status, error.code, error.message, **error.details())


def invalid(errors: list[Any]) -> ValidationFailed:
    """Pydantic's findings as one sentence and a message for each field."""
    fields = {".".join(str(part) for part in item["loc"] if part not in _NO_FIELD): _sentence(item) for item in errors}
    names = ", ".join(name for name in fields if name) or "the request"
    return ValidationFailed(f"Some values are not right: {names}. Correct them and send again.", fields)


def _sentence(item: Any) -> str:
    message = str(item["msg"]).removeprefix("Value error, ")
    return message[:1].upper() + message[1:]


def add_handlers(app: FastAPI) -> None:
    @app.exception_handler(ClasioError)
    async def expected(request: Request, error: ClasioError) -> JSONResponse:
        if isinstance(error, TooManyRequests) or error.status >= 500:  # HTTP's own numbers
            log.warning("refused", extra={"code": error.code})
        return of_error(request, error)

    @app.exception_handler(RequestValidationError)
    async def not_valid(request: Request, error: RequestValidationError) -> JSONResponse:
        return of_error(request, invalid(list(error.errors())))

    @app.exception_handler(ValidationError)
    async def not_valid_inside(request: Request, error: ValidationError) -> JSONResponse:
        return of_error(request, invalid(list(error.errors())))

    @app.exception_handler(HTTPException)
    async def http_error(request: Request, error: HTTPException) -> JSONResponse:
        if error.status_code == NotFound.status:
            return of_error(request, NotFound())
        if error.detail == _CANNOT_PARSE:
            return of_error(request, BadBody())
        return problem(request, error.status_code, "http_error", str(error.detail))

    @app.exception_handler(OperationalError)
    async def database_away(request: Request, error: OperationalError) -> JSONResponse:
        log.error("database_away", extra={"error": type(error.orig).__name__})
        return problem(
            request, 503, "database_unavailable", "The database does not answer. Try again in a moment.", retry_after=5
        )

    @app.exception_handler(Exception)
    async def unexpected(request: Request, error: Exception) -> JSONResponse:
        log.error("unexpected_error", exc_info=error)
        return problem(
            request,
            500,
            "internal_error",
            "Something went wrong on our side. Try again; if it stays, give the operator the request id.",
        )
