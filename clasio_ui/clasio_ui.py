"""The application: Reflex's pages and events, with Clasio's HTTP routes in front of them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import reflex as rx
from starlette.types import ASGIApp

from clasio_backend.core import live
from clasio_backend.core.config import get_settings
from clasio_backend.core.db import dispose_engine, refuse_unsafe_role
from clasio_backend.http.app import build_api
from clasio_backend.security.headers import SecurityHeadersMiddleware, content_security_policy
from clasio_ui import bridge
from clasio_ui.build import CLIENT
from clasio_ui.components.browser import Crash
from clasio_ui.pages import (  # noqa: F401  # registers them
    activity,
    document,
    documents,
    entry,
    entry_mail,
    members,
    not_found,
    ops,
    ops_security,
    outbox,
    overview,
    quarantine,
    search,
    settings,
    shared,
    trash,
    usage,
)
from clasio_ui.state.frame import on_error


def with_security_headers(app: ASGIApp) -> ASGIApp:
    """Around everything, the built pages included. Called when the server starts, not when pages are built."""
    https = get_settings().base_url.startswith("https://")
    return SecurityHeadersMiddleware(app, policy=content_security_policy(CLIENT, https=https), https=https)


@asynccontextmanager
async def shared_things() -> AsyncIterator[None]:
    """Starts and stops what the process shares. Not FastAPI's lifespan: under Reflex it does not run."""
    refuse_unsafe_role()
    yield
    await live.stop()
    dispose_engine()


app = rx.App(
    api_transformer=[build_api(), with_security_headers],
    backend_exception_handler=on_error,
    # Our own parts stand in for Reflex's, which evaluate text or bring styles of their own.
    app_wraps={(55, "Crash"): lambda _: Crash.create()},
    toaster=None,
    html_lang="en",
    head_components=[
        rx.el.meta(name="robots", content="noindex, nofollow"),
        rx.el.meta(name="color-scheme", content="light dark"),
        rx.el.link(rel="icon", href="/icon.svg", type="image/svg+xml"),
    ],
)
app.register_lifespan_task(shared_things)


def _is_connected(client_token: str) -> bool:
    namespace = app.event_namespace
    return namespace is not None and client_token in namespace.token_to_sid


bridge.is_connected = _is_connected
