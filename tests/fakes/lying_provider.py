"""A provider that says what a real one never would: each test tells it how to lie."""

import json
import threading
import time
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT_ID, CLIENT_SECRET = "clasio-tests", "a secret that only tests know"
Json = dict[str, Any]


class LyingProvider:
    """Truthful until told otherwise: `discovery`, `claims` and `header` change what it writes, `answers` replaces the
    answer at a path (`bytes`, or a status), and `asked` holds every form that came.
    """

    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048, auto_kid=True)
        self.published = [self.key]
        self.discovery: Json = {}
        self.claims: Json = {}
        self.header: Json = {}
        self.userinfo: Json | None = None
        self.answers: dict[str, bytes | int | Callable[[Any], None]] = {}
        self.signed: Callable[[Json, Json], str] = self._sign
        self.asked: list[dict[str, str]] = []
        self.counts: dict[str, int] = {}
        self.released = threading.Event()
        self.released.set()
        handler = type("Handler", (_Handler,), {"provider": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def forget(self) -> None:
        """Truthful again, with the first key."""
        self.discovery, self.claims, self.header, self.userinfo = {}, {}, {}, None
        self.answers, self.asked, self.counts = {}, [], {}
        self.published, self.signed = [self.key], self._sign

    @contextmanager
    def hanging(self) -> Iterator[None]:
        self.released.clear()
        try:
            yield
        finally:
            self.released.set()

    def stop(self) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)

    def describe(self) -> Json:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "userinfo_endpoint": f"{self.url}/userinfo",
        } | self.discovery

    def token_for(self, nonce: str) -> str:
        moment = int(time.time())
        claims = {
            "iss": self.url,
            "sub": "subject-1",
            "aud": CLIENT_ID,
            "exp": moment + 300,
            "iat": moment,
            "nonce": nonce,
            "email": "lia@liar.example",
            "email_verified": True,
            "name": "Lia Liar",
        }
        left = {name: _from(moment, value) for name, value in (claims | self.claims).items() if value is not None}
        return self.signed({"alg": "RS256", "kid": self.published[-1].kid} | self.header, left)

    def _sign(self, header: Json, claims: Json) -> str:
        return jwt.encode(header, claims, self.published[-1])


def _from(moment: int, value: Any) -> Any:
    """A time that a test wrote as one before or after now."""
    return moment + int(value.total_seconds()) if isinstance(value, timedelta) else value


class _Handler(BaseHTTPRequestHandler):
    provider: LyingProvider
    wbufsize = -1

    def do_GET(self) -> None:
        path, provider = urlsplit(self.path).path, self.provider
        keys = [key.as_dict(private=False, use="sig") for key in provider.published]
        answers: dict[str, Any] = {
            "/.well-known/openid-configuration": provider.describe(),
            "/keys": {"keys": keys},
            "/userinfo": provider.userinfo or {},
        }
        self._answer(path, answers.get(path))

    def do_POST(self) -> None:
        form = dict(parse_qsl(self.rfile.read(int(self.headers["content-length"])).decode()))
        kind, _, value = self.headers.get("authorization", "").partition(" ")
        if kind == "Basic":
            form["basic"] = b64decode(value).decode()
        self.provider.asked.append(form)
        nonce = form.get("code", "")  # tests give it the nonce as code
        token = {"access_token": "access", "token_type": "Bearer", "id_token": self.provider.token_for(nonce)}
        self._answer("/token", token)

    def _answer(self, path: str, found: Json | None) -> None:
        self.provider.counts[path] = self.provider.counts.get(path, 0) + 1
        self.provider.released.wait(30)
        instead = self.provider.answers.get(path)
        if callable(instead):
            instead(self)
            return
        status = instead if isinstance(instead, int) else 200 if found is not None else 404
        body = instead if isinstance(instead, bytes) else json.dumps(found).encode()
        self.send_response(status)
        if status in {301, 302, 303, 307, 308}:
            self.send_header("location", f"{self.provider.url}/elsewhere")
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except OSError:  # the client did not wait
            self.close_connection = True

    def finish(self) -> None:
        with suppress(OSError):  # as above
            super().finish()

    def log_message(self, *_: Any) -> None:
        """Tests read `asked` instead."""
