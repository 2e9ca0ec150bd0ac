"""Runs the web process: pages, events, API and sign-in on one port. `python -m clasio_ui.server --host H --port P`.

Everything else comes from the environment (see `clasio_backend.core.config`). It is ready when it answers. SIGTERM
and SIGINT end it: open requests finish, websockets close, and the process exits.
"""

import argparse
import asyncio
import logging
import os
import signal
import sys
from urllib.parse import urlsplit

from clasio_backend.core.config import LOOPBACK_HOSTS, get_settings
from clasio_backend.core.db import UnsafeDatabaseRole
from clasio_backend.core.redis import UI_DATABASE, redis_url
from clasio_backend.core.waiting import wait_for_database, wait_for_redis
from clasio_backend.observability.logging import configure_logging
from clasio_ui.build import ROOT, BuildFailed, ensure_built

log = logging.getLogger(__name__)


def allowed_origins(base_url: str) -> list[str]:
    """Origins whose pages may open the event websocket: BASE_URL's; on this machine also its other names."""
    parts = urlsplit(base_url)
    origin = f"{parts.scheme}://{parts.netloc}"
    if parts.hostname not in LOOPBACK_HOSTS:
        return [origin]
    port = f":{parts.port}" if parts.port else ""
    names = {f"[{name}]" if ":" in name else name for name in LOOPBACK_HOSTS}
    return [origin, *sorted(f"{parts.scheme}://{name}{port}" for name in names if f"{name}{port}" != parts.netloc)]


def prepare_environment() -> None:
    """Turns Clasio's settings into Reflex's; has to happen before Reflex reads `rxconfig.py`."""
    settings = get_settings()
    os.environ |= {
        "REFLEX_ENV_MODE": "prod",
        "__REFLEX_SKIP_COMPILE": "true",
        "__REFLEX_MOUNT_FRONTEND_COMPILED_APP": "true",
        "REFLEX_STATE_MANAGER_MODE": "redis",
        "REFLEX_REDIS_URL": redis_url(UI_DATABASE),
        "REFLEX_SOCKET_MAX_HTTP_BUFFER_SIZE": "64000",  # an event carries a form or ids, never a file
        "REFLEX_CORS_ALLOWED_ORIGINS": ",".join(allowed_origins(settings.base_url)),
        "REFLEX_TRUSTED_PROXY_HOPS": str(settings.trusted_proxy_hops),
        "REFLEX_DEPLOY_URL": settings.base_url,
        "REFLEX_TELEMETRY_ENABLED": "false",
        "DO_NOT_TRACK": "1",
    }


async def serve(host: str, port: int) -> int:
    """Serves until a signal comes; returns the exit code."""
    from granian.constants import Interfaces  # noqa: PLC0415  # after the environment is prepared
    from granian.server.embed import Server  # noqa: PLC0415

    from clasio_ui.clasio_ui import app  # noqa: PLC0415

    server = Server(app, address=host, port=port, interface=Interfaces.ASGI, factory=True, log_enabled=False)
    stopping = False

    def stop() -> None:
        nonlocal stopping
        stopping = True
        server.stop()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    log.info("web_starting", extra={"host": host, "port": port})
    await server.serve()
    log.info("web_stopped")
    return 0 if stopping else 1


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m clasio_ui.server", description="Runs Clasio's web process.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=8000, help="port to listen on")
    options = parser.parse_args()
    os.chdir(ROOT)  # Reflex looks for rxconfig.py and .web here
    configure_logging("web")
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(0))  # until it serves: a container has no other end
    try:
        ensure_built()
        wait_for_database()
    except (BuildFailed, UnsafeDatabaseRole) as error:
        sys.exit(str(error))
    wait_for_redis()  # Reflex listens for other processes' changes from its start, and does not try again
    prepare_environment()
    sys.exit(asyncio.run(serve(options.host, options.port)))


if __name__ == "__main__":
    main()
