"""Answers to plain forms: a page that asks for JSON gets a problem it can show beside its fields, others a redirect."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import Form, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from clasio_backend.core.errors import ClasioError
from clasio_backend.http.callers import client_address
from clasio_backend.http.problems import of_error

Password = Annotated[str, Form(max_length=256)]
Email = Annotated[str, Form(max_length=320)]
OneTimeToken = Annotated[str, Form(max_length=200)]


def browser(request: Request) -> dict[str, str]:
    """What a session notes of where it was opened."""
    return {"ip_address": client_address(request), "user_agent": request.headers.get("user-agent", "")}


def _wants_json(request: Request) -> bool:
    return "application/json" in request.headers.get("accept", "")


def go(request: Request, path: str) -> Response:
    """To another page."""
    if _wants_json(request):
        return JSONResponse({"go_to": path})
    return RedirectResponse(path, status_code=303)


def refused(request: Request, error: ClasioError, *, back_to: str) -> Response:
    """Back to the form, with what was wrong."""
    if _wants_json(request):
        return of_error(request, error)
    joiner = "&" if "?" in back_to else "?"
    return RedirectResponse(f"{back_to}{joiner}{urlencode({'error': error.code})}", status_code=303)
