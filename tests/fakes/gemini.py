"""Gemini on loopback: the wire format of both of Google's libraries, with faults, delays and token counts on order."""

import base64
import json
import re
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

KEY = "test-key-7c1d"
GENERATE = re.compile(r"/v1(?:beta)?/models/(?P<model>[^/:]+):generateContent")
GOOD: dict[str, Any] = {
    "category": "Invoices",
    "document_type": "Invoice",
    "summary": "Acme invoices the example company.",
    "language": "en",
    "issued": "2026-03-01",
    "due": None,
    "amounts": [{"label": "Total", "value": "127.50", "currency": "EUR"}],
    "parties": ["Acme Ltd"],
}


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it came: `url` with its query, `headers` by lower-case name."""

    url: str
    model: str
    headers: dict[str, str]
    body: dict[str, Any]

    @property
    def system(self) -> str:
        return "".join(part["text"] for part in self.body.get("systemInstruction", {}).get("parts", ()))

    @property
    def parts(self) -> list[dict[str, Any]]:
        return [part for content in self.body["contents"] for part in content["parts"]]

    @property
    def attached(self) -> list[tuple[str, bytes]]:
        """(type, bytes) of what came along; the libraries spell this differently."""
        files = [part.get("inlineData") or part.get("inline_data") for part in self.parts]
        return [
            (file.get("mimeType") or file["mime_type"], base64.b64decode(file["data"], altchars=b"-_"))
            for file in files
            if file
        ]

    @property
    def text(self) -> str:
        return "".join(part.get("text", "") for part in self.parts)


@dataclass(frozen=True, slots=True)
class Answer:
    """What comes back once. `raw` is sent as it is; `status` other than 200 is Google's error body."""

    parts: tuple[dict[str, Any], ...] = ()
    finish: str | None = "STOP"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    tokens_in: int = 1_200
    tokens_out: int = 80
    tokens_thinking: int = 0
    blocked: str | None = None
    raw: bytes | None = None
    hang_up: bool = False

    def body(self) -> bytes:
        if self.raw is not None:
            return self.raw
        if self.status != 200:
            error = {"code": self.status, "message": f"refused key {KEY}", "status": "UNAVAILABLE"}
            return json.dumps({"error": error}).encode()
        usage = {
            "promptTokenCount": self.tokens_in,
            "candidatesTokenCount": self.tokens_out,
            "totalTokenCount": self.tokens_in + self.tokens_out + self.tokens_thinking,
        }
        if self.tokens_thinking:
            usage["thoughtsTokenCount"] = self.tokens_thinking
        answer: dict[str, Any] = {"usageMetadata": usage, "modelVersion": "fake"}
        if self.blocked:
            return json.dumps(answer | {"promptFeedback": {"blockReason": self.blocked}}).encode()
        content = {"role": "model", "parts": list(self.parts)}
        return json.dumps(answer | {"candidates": [{"content": content, "finishReason": self.finish}]}).encode()


def saying(answer: dict[str, Any] | str, **more: Any) -> Answer:
    """An answer whose text is this, as JSON unless it is text already."""
    return Answer(({"text": answer if isinstance(answer, str) else json.dumps(answer)},), **more)


class GeminiServer:
    """`url` is what GEMINI_API_BASE wants. `next` holds answers for the coming calls, then `usual` is given."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.next: deque[Answer] = deque()
        self.usual: Callable[[Asked], Answer] = lambda _asked: saying(GOOD)
        self.before_answer: Callable[[], object] = lambda: None
        self.released = threading.Event()
        self.released.set()
        self._lock = threading.Lock()
        handler = type("Handler", (_Handler,), {"gemini": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def answer_to(self, asked: Asked) -> Answer:
        with self._lock:
            self.asked.append(asked)
            ordered = self.next.popleft() if self.next else None
        self.before_answer()
        self.released.wait(30)
        return ordered or self.usual(asked)

    @contextmanager
    def hanging(self) -> Iterator[None]:
        """No call is answered before the block ends."""
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


class _Handler(BaseHTTPRequestHandler):
    gemini: GeminiServer
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # headers and body in one piece: in two, each call waits 40 ms for an acknowledgement

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except ConnectionError:  # the client was killed
            self.close_connection = True

    def do_POST(self) -> None:  # the name that the library looks for
        path = GENERATE.fullmatch(urlsplit(self.path).path)
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        headers = {name.lower(): value for name, value in self.headers.items()}
        if path is None or headers.get("x-goog-api-key") != KEY:
            self._send(Answer(status=404 if path is None else 403))
            return
        asked = Asked(self.path, path["model"], headers, body)
        self._send(self.gemini.answer_to(asked))

    def _send(self, answer: Answer) -> None:
        if answer.hang_up:
            self.close_connection = True
            return
        body = answer.body()
        self.send_response(answer.status)
        for name, value in ({"content-type": "application/json"} | answer.headers).items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        try:
            self.wfile.write(body)
            self.wfile.flush()
        except OSError:  # the client did not wait
            return

    def log_message(self, *_: Any) -> None:
        """Tests read `asked` instead."""
