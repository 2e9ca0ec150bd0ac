"""A host that falls off the network says nothing, so both ends of a connection ask after each other.

After 10 seconds of silence come three questions, 5 seconds apart; then the connection is dead. Without them a program
would wait for an answer for hours, and Postgres would keep for as long what a cut-off worker had locked.
"""

import socket
from typing import Any

_IDLE_SECONDS, _INTERVAL_SECONDS, _QUESTIONS = 10, 5, 3
_UNANSWERED_MS = 20_000

POSTGRES_CLIENT: dict[str, Any] = {
    "keepalives": 1,
    "keepalives_idle": _IDLE_SECONDS,
    "keepalives_interval": _INTERVAL_SECONDS,
    "keepalives_count": _QUESTIONS,
    "tcp_user_timeout": _UNANSWERED_MS,
}
"""What libpq does on our side."""

POSTGRES_SERVER = " ".join(
    f"-c {name}={value}"
    for name, value in {
        "tcp_keepalives_idle": _IDLE_SECONDS,
        "tcp_keepalives_interval": _INTERVAL_SECONDS,
        "tcp_keepalives_count": _QUESTIONS,
        "tcp_user_timeout": _UNANSWERED_MS,
    }.items()
)
"""What the server does for our connections: startup options that any role may set."""


def _socket_options() -> dict[int, int]:
    wanted = {
        "TCP_KEEPIDLE": _IDLE_SECONDS,
        "TCP_KEEPINTVL": _INTERVAL_SECONDS,
        "TCP_KEEPCNT": _QUESTIONS,
        "TCP_USER_TIMEOUT": _UNANSWERED_MS,
    }
    return {getattr(socket, name): value for name, value in wanted.items() if hasattr(socket, name)}


SOCKET: dict[int, int] = _socket_options()
"""The same for a socket of ours, as far as this system knows it."""
