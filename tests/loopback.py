"""Tests reach this machine and nothing else: a forgotten call to the world fails at once, by name."""

import ipaddress
import socket
from collections.abc import Callable
from typing import Any


class OutsideWorld(RuntimeError):
    """A test tried to leave this machine."""


def is_loopback(host: object) -> bool:
    if not isinstance(host, str):
        return True  # a path (Unix socket), or nothing
    if host in {"", "localhost"}:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def block_outside_world() -> None:
    """Guards connecting, sending and looking up names, for the rest of this process."""
    for name in ("connect", "connect_ex"):
        setattr(socket.socket, name, _guarded_connect(getattr(socket.socket, name)))
    socket.getaddrinfo = _guarded_lookup(socket.getaddrinfo)  # type: ignore[assignment]


def _guarded_connect(original: Callable[..., Any]) -> Callable[..., Any]:
    def connect(self: socket.socket, address: Any) -> Any:
        if self.family in {socket.AF_INET, socket.AF_INET6} and not is_loopback(address[0]):
            raise OutsideWorld(f"connecting to {address[0]} is not allowed in tests")
        return original(self, address)

    return connect


def _guarded_lookup(original: Callable[..., Any]) -> Callable[..., Any]:
    def getaddrinfo(host: Any, *arguments: Any, **options: Any) -> Any:
        text = host.decode() if isinstance(host, bytes) else host
        if not is_loopback(text) and text not in {"0.0.0.0", "::"}:
            raise OutsideWorld(f"looking up {text} is not allowed in tests")
        return original(host, *arguments, **options)

    return getaddrinfo
