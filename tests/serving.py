"""The HTTP side on a real socket, served by the server of production, in this test process."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import httpx
from fastapi import FastAPI
from granian.constants import Interfaces
from granian.server.embed import Server

ATTEMPTS = 200


@contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    """The address at which `app` answers for the length of the block."""
    port = _free_port()
    loop = asyncio.new_event_loop()
    server = Server(app, address="127.0.0.1", port=port, interface=Interfaces.ASGI, log_enabled=False)
    thread = threading.Thread(target=loop.run_until_complete, args=(server.serve(),))
    thread.start()
    try:
        url = f"http://127.0.0.1:{port}"
        with httpx.Client(transport=httpx.HTTPTransport(retries=5)) as client:
            _wait_until_it_answers(client, url)
        yield url
    finally:
        loop.call_soon_threadsafe(server.stop)
        thread.join(30)
        loop.close()


def _wait_until_it_answers(client: httpx.Client, url: str) -> None:
    for _ in range(ATTEMPTS):
        with suppress(httpx.TransportError):
            client.get(f"{url}/healthz").raise_for_status()
            return
        threading.Event().wait(0.05)
    raise AssertionError("the server never answered")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
