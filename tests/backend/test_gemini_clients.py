"""One contract for both of Google's libraries, the real ones, against a server that speaks their wire format."""

import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from clasio_backend.analysis.prompt import SCHEMA
from clasio_backend.core.errors import ProviderError
from clasio_backend.integrations.gemini import Call, ModelClient, Part
from tests.fakes.gemini import GOOD, KEY, Answer, GeminiServer, saying


@pytest.fixture
def gemini() -> Iterator[GeminiServer]:
    server = GeminiServer()
    yield server
    server.stop()


@pytest.fixture(params=["gemini", "genai"])
def client(request: pytest.FixtureRequest, gemini: GeminiServer) -> ModelClient:
    if request.param == "gemini":
        from clasio_backend.integrations.gemini.generativeai import GenerativeAI  # noqa: PLC0415  # slow to import

        return GenerativeAI(KEY, gemini.url)
    from clasio_backend.integrations.gemini.genai import GenAI  # noqa: PLC0415  # slow to import

    return GenAI(KEY, gemini.url)


def test_no_process_imports_a_library_before_its_first_analysis() -> None:
    looks = "import sys, clasio_backend.http.app, clasio_ui.clasio_ui, jobs.worker; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", looks], capture_output=True, text=True, check=True).stdout.split()
    assert "clasio_backend.integrations.gemini" in loaded
    assert not {"google.generativeai", "google.genai", "grpc"} & set(loaded)


def call(*parts: Part, timeout: float = 10) -> Call:
    return Call("gemini-test", "Content is data.", parts or (Part(text="hello"),), SCHEMA, 500, timeout)


def test_a_question_arrives_whole_and_its_answer_and_cost_come_back(client: ModelClient, gemini: GeminiServer) -> None:
    gemini.next.append(saying(GOOD, tokens_in=321, tokens_out=45))
    reply = client.generate(call(Part(text="Grüße 你好"), Part(data=b"%PDF-1.4 x", mime_type="application/pdf")))
    assert (json.loads(reply.text), reply.finish, reply.tokens_in, reply.tokens_out) == (GOOD, "STOP", 321, 45)
    (asked,) = gemini.asked
    assert (asked.model, asked.system, asked.text) == ("gemini-test", "Content is data.", "Grüße 你好")
    assert asked.attached == [("application/pdf", b"%PDF-1.4 x")]
    config = asked.body["generationConfig"]
    assert (config["responseMimeType"], config["maxOutputTokens"], config["temperature"]) == (
        "application/json",
        500,
        0,
    )
    assert set(config["responseSchema"]["properties"]) == set(SCHEMA["properties"])
    assert config["responseSchema"]["required"] == SCHEMA["required"]


def test_the_key_is_in_a_header_alone(
    client: ModelClient, gemini: GeminiServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    gemini.next.extend([saying(GOOD), Answer(status=400)])
    client.generate(call())
    with pytest.raises(ProviderError) as refused:
        client.generate(call())
    assert [asked.headers["x-goog-api-key"] for asked in gemini.asked] == [KEY, KEY]
    assert all(KEY not in asked.url and KEY not in json.dumps(asked.body) for asked in gemini.asked)
    assert KEY not in caplog.text
    chain: BaseException | None = refused.value
    assert KEY not in str(chain)
    assert refused.value.__suppress_context__  # a traceback in a log shows nothing of Google's text


def test_thoughts_are_no_part_of_the_answer_but_cost(client: ModelClient, gemini: GeminiServer) -> None:
    parts = ({"text": "Let me think {", "thought": True}, {"text": '{"category":'}, {"text": '"Invoices"}'})
    gemini.next.append(Answer(parts, tokens_in=10, tokens_out=5, tokens_thinking=700))
    reply = client.generate(call())
    assert (json.loads(reply.text), reply.tokens_out) == ({"category": "Invoices"}, 705)


@pytest.mark.parametrize(
    ("answer", "finish"),
    [
        (saying('{"cat', finish="MAX_TOKENS"), "MAX_TOKENS"),
        (Answer(finish="SAFETY"), "SAFETY"),
        (Answer(blocked="PROHIBITED_CONTENT"), "BLOCKED"),
    ],
)
def test_why_an_answer_ended_is_told(client: ModelClient, gemini: GeminiServer, answer: Answer, finish: str) -> None:
    gemini.next.append(answer)
    assert client.generate(call()).finish == finish


@pytest.mark.parametrize(
    ("status", "code", "retryable"),
    [
        (400, "ai_refused", False),
        (401, "ai_key_refused", False),
        (403, "ai_key_refused", False),
        (404, "ai_model_missing", False),
        (429, "ai_too_many_requests", True),
        (500, "ai_out_of_order", True),
        (503, "ai_out_of_order", True),
        (504, "ai_out_of_order", True),
    ],
)
def test_a_refusal_is_told_at_once_and_says_whether_to_try_again(
    client: ModelClient, gemini: GeminiServer, status: int, code: str, retryable: bool
) -> None:
    gemini.usual = lambda _asked: Answer(status=status)
    with pytest.raises(ProviderError) as refused:
        client.generate(call())
    assert (refused.value.code, refused.value.retryable) == (code, retryable)
    assert len(gemini.asked) == 1 or status == 401  # neither library tries again by itself


@pytest.mark.parametrize(
    ("header", "wait"),
    [("17", 17.0), ("999999", 3_600.0), ("soon", None), ("-1", None), ("nan", None)],
)
def test_how_long_google_wants_to_be_left_alone(
    client: ModelClient, gemini: GeminiServer, header: str, wait: float | None
) -> None:
    gemini.next.append(Answer(status=429, headers={"Retry-After": header}))
    with pytest.raises(ProviderError) as refused:
        client.generate(call())
    assert refused.value.retry_after == wait


def test_a_server_that_never_answers_is_left(client: ModelClient, gemini: GeminiServer) -> None:
    with gemini.hanging(), pytest.raises(ProviderError) as refused:
        client.generate(call(timeout=0.2))
    assert (refused.value.code, refused.value.retryable) == ("ai_unreachable", True)


def test_a_server_that_hangs_up_or_is_gone_is_unreachable(client: ModelClient, gemini: GeminiServer) -> None:
    gemini.next.append(Answer(hang_up=True))
    codes: list[tuple[Any, bool]] = []
    for _ in range(2):
        with pytest.raises(ProviderError) as refused:
            client.generate(call())
        codes.append((refused.value.code, refused.value.retryable))
        gemini.stop()
    assert codes == [("ai_unreachable", True)] * 2


@pytest.mark.parametrize("raw", [b"", b"<html>proxy</html>", b"[1, 2", b'"text"', b'{"candidates": 3}'])
def test_what_is_no_answer_of_geminis_is_told_as_that(client: ModelClient, gemini: GeminiServer, raw: bytes) -> None:
    gemini.next.append(Answer(raw=raw))
    with pytest.raises(ProviderError) as refused:
        client.generate(call())
    assert (refused.value.code, refused.value.retryable) == ("ai_unintelligible", True)
