"""What both libraries are asked for, and what comes back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

BLOCKED = "BLOCKED"
"""`finish` of a reply that holds no candidate, because the prompt itself was refused."""


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of the prompt: text, or a file's bytes with their type."""

    text: str | None = None
    data: bytes | None = None
    mime_type: str | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """`finish` is Gemini's own word (STOP, MAX_TOKENS, SAFETY …); `tokens_out` includes what it spent on thinking."""

    text: str
    finish: str
    tokens_in: int
    tokens_out: int


@dataclass(frozen=True, slots=True)
class Call:
    """One question to a model. `timeout` in seconds; `most_tokens` bounds the answer, thinking included."""

    model: str
    system: str
    parts: Sequence[Part]
    schema: Mapping[str, Any]
    most_tokens: int
    timeout: float


class ModelClient(Protocol):
    """Raises `ProviderError` for everything that goes wrong outside Clasio; never tries again by itself."""

    def generate(self, call: Call) -> Reply: ...
