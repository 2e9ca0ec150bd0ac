"""Hosts of their own on this machine: network namespaces, plugged into a switch by cables that can be pulled.

Only root may make them. What runs in one sees the same files and no other network than the switch.
"""

import os
import secrets
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

WHY_NOT = "network namespaces are made by root: run ./clasio test as root for this test (CI does)"


@dataclass(frozen=True, slots=True)
class Host:
    """`command` in front of a program's own runs it there."""

    name: str
    address: str

    @property
    def command(self) -> Sequence[str]:
        return ("ip", "netns", "exec", self.name)

    def unplug(self) -> None:
        """From now on nothing comes through, and nobody is told."""
        _ip("link", "set", self.name, "down")

    def plug_in(self) -> None:
        _ip("link", "set", self.name, "up")


@dataclass(frozen=True, slots=True)
class Switch:
    """`address` is where hosts reach this machine."""

    subnet: str
    address: str
    hosts: tuple[Host, ...]


@contextmanager
def switch(hosts: int) -> Iterator[Switch]:
    """A switch with so many hosts plugged in; all of it is gone after the block."""
    if os.geteuid() != 0:
        pytest.skip(WHY_NOT)
    mark = f"clasio{secrets.token_hex(3)}"
    first = f"10.213.{secrets.randbelow(256)}"
    made = Switch(
        f"{first}.0/24", f"{first}.1", tuple(Host(f"{mark}-{n}", f"{first}.{n}") for n in range(2, 2 + hosts))
    )
    try:
        _ip("link", "add", mark, "type", "bridge")
        _ip("address", "add", f"{made.address}/24", "dev", mark)
        _ip("link", "set", mark, "up")
        for host in made.hosts:
            _ip("netns", "add", host.name)
            _ip("link", "add", host.name, "type", "veth", "peer", "name", "eth0", "netns", host.name)
            _ip("link", "set", host.name, "master", mark, "up")
            _ip("-n", host.name, "address", "add", f"{host.address}/24", "dev", "eth0")
            for device in ("lo", "eth0"):
                _ip("-n", host.name, "link", "set", device, "up")
        yield made
    finally:
        for host in made.hosts:
            subprocess.run(["ip", "link", "delete", host.name], check=False, capture_output=True)
            subprocess.run(["ip", "netns", "delete", host.name], check=False, capture_output=True)
        subprocess.run(["ip", "link", "delete", mark], check=False, capture_output=True)


def _ip(*words: str) -> None:
    done = subprocess.run(["ip", *words], check=False, capture_output=True, text=True)
    assert done.returncode == 0, f"ip {' '.join(words)}: {done.stderr}"
