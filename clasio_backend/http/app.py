"""The HTTP side of Clasio as one FastAPI application; the user interface is mounted behind it."""

from fastapi import FastAPI
from starlette.middleware import Middleware

from clasio_backend.core.errors import NotFound
from clasio_backend.http import api_v1, auth, auth_mail, auth_provider, health, shares
from clasio_backend.http.api_v1.answers import document_changes
from clasio_backend.http.middleware import (
    BodyLimitMiddleware,
    HeadMiddleware,
    OriginMiddleware,
    RequestMiddleware,
    SlowClientMiddleware,
)
from clasio_backend.http.problems import add_handlers
from clasio_backend.http.websockets import WebsocketLimitMiddleware

DESCRIPTION = "Documents in, read, analysed and found. Authenticate with an API token: `Authorization: Bearer <token>`."


def build_api() -> FastAPI:
    """Routes, error answers and middleware. The caller starts and stops what the process shares (see `clasio_ui`)."""
    app = FastAPI(
        title="Clasio",
        version="1",
        description=DESCRIPTION,
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        middleware=[
            Middleware(WebsocketLimitMiddleware),
            Middleware(RequestMiddleware),
            Middleware(HeadMiddleware),
            Middleware(OriginMiddleware),
            Middleware(SlowClientMiddleware),
            Middleware(BodyLimitMiddleware),
        ],
    )
    add_handlers(app)
    for router in (health.router, auth.router, auth_mail.router, auth_provider.router, shares.router, api_v1.router):
        app.include_router(router)
    # The user interface answers every other path with a page; scripts must get a problem document instead.
    app.add_api_route(
        "/api/{path:path}", _unknown_route, methods=["GET", "POST", "PUT", "PATCH", "DELETE"], include_in_schema=False
    )
    document_changes(app.openapi())  # FastAPI makes the description once, and keeps it
    return app


async def _unknown_route() -> None:
    raise NotFound
