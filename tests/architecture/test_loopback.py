import socket
import urllib.request

import pytest

from tests.loopback import OutsideWorld


def test_tests_cannot_connect_to_the_outside_world() -> None:
    with socket.socket() as probe, pytest.raises(OutsideWorld):
        probe.connect(("192.0.2.1", 80))


def test_tests_cannot_look_up_names() -> None:
    with pytest.raises(OutsideWorld):
        urllib.request.urlopen("http://example.org/")
