"""Providers that people sign in through: set up for this process, and what a browser does on the way there and back."""

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx
import pytest
from fastapi import FastAPI
from httpx import Response
from starlette.testclient import TestClient

from clasio_backend.core.config import get_settings
from clasio_backend.integrations.oidc import discovery
from clasio_backend.security.cookies import cookie_name
from tests.cast import visitor
from tests.fakes.oidc_provider import CLIENT_ID, CLIENT_SECRET
from tests.running import free_port

PASSWORD = "what they know at the provider"
TELLS = {"accept": "application/json", "sec-fetch-site": "same-origin"}
PROGRAM = Path(__file__).parent / "fakes" / "oidc_provider.py"
_FIELD = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')


class RealProvider:
    """django-oauth-toolkit in a process of its own; `issuer` is what OIDC_ISSUER wants."""

    def __init__(self, port: int | None = None) -> None:
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.issuer = f"{self.url}/o"

    def start(self) -> None:
        self.folder = tempfile.TemporaryDirectory(prefix="clasio-provider-")
        self.process = subprocess.Popen(
            [sys.executable, str(PROGRAM), str(self.port), self.folder.name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "ready\n"

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            pipe.close()
        self.folder.cleanup()

    def knows(self, username: str, email: str | None, *, verified: bool = True, name: str = "Nina Newcomer") -> None:
        told = {"username": username, "password": PASSWORD, "email": email, "email_verified": verified, "name": name}
        httpx.post(f"{self.url}/people", json=told).raise_for_status()


@contextmanager
def set_up(patch: pytest.MonkeyPatch, **names: str) -> Iterator[None]:
    """These settings for the length of the block, and nothing remembered of any provider."""
    for name, value in names.items():
        patch.setenv(name, value)
    get_settings.cache_clear()
    discovery.forget()
    yield
    patch.undo()
    get_settings.cache_clear()
    discovery.forget()


def settings_of(provider: RealProvider) -> dict[str, str]:
    """It stands for both: Google is the same with an issuer of its own."""
    return {
        "OIDC_ISSUER": provider.issuer,
        "OIDC_CLIENT_ID": CLIENT_ID,
        "OIDC_CLIENT_SECRET": CLIENT_SECRET,
        "OIDC_NAME": "Example",
        "GOOGLE_CLIENT_ID": CLIENT_ID,
        "GOOGLE_CLIENT_SECRET": CLIENT_SECRET,
        "GOOGLE_OAUTH_BASE": provider.issuer.replace("127.0.0.1", "localhost"),
        "SIGN_UP_DOMAINS": "newcomers.example",
    }


class Person:
    """Somebody at a browser: `here` talks to Clasio, `there` to the provider."""

    def __init__(self, app: FastAPI, provider: RealProvider, username: str, here: TestClient | None = None) -> None:
        self.here = here or visitor(app)
        self.there = httpx.Client()
        self.provider, self.username = provider, username

    def sets_out(self, what: str = "sign-in", slug: str = "oidc", **form: str) -> str:
        """The address at the provider that the page leads to."""
        answer = self.here.post(f"/auth/provider/{slug}/{what}", data=form, headers=TELLS)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["go_to"])

    def signs_in_there(self, address: str) -> str:
        """Goes through the provider's pages; returns the address that leads back, as path and query."""
        for _ in range(10):
            answer = self.there.get(address)
            while answer.status_code == httpx.codes.OK:
                form = {"username": self.username, "password": PASSWORD}
                form["csrfmiddlewaretoken"] = _FIELD.findall(answer.text)[0]
                answer = self.there.post(str(answer.url), data=form)
            assert answer.is_redirect, answer.text
            address = urljoin(str(answer.url), answer.headers["location"])
            if address.startswith(get_settings().base_url):
                parts = urlsplit(address)
                return f"{parts.path}?{parts.query}"
        raise AssertionError(f"the provider leads nowhere: {address}")

    def comes_back(self, path: str) -> Response:
        answer = self.here.get(path, headers={"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"})
        assert answer.status_code == 303, answer.text
        return answer

    def goes_through(self, what: str = "sign-in", slug: str = "oidc", **form: str) -> str:
        """All the way there and back; returns where the browser lands."""
        return str(self.comes_back(self.signs_in_there(self.sets_out(what, slug, **form))).headers["location"])

    @property
    def is_signed_in(self) -> bool:
        return self.here.get("/api/v1/usage").status_code == 200

    @property
    def session(self) -> str | None:
        return self.here.cookies.get(cookie_name(get_settings()))


def query_of(address: str) -> dict[str, Any]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
