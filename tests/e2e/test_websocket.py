"""The websocket that carries events: for pages of our own, and for messages of a bounded size."""

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from tests.running import RunningClasio

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("running")]


def address(clasio: RunningClasio) -> str:
    return f"{clasio.url.replace('http', 'ws')}/_event/?EIO=4&transport=websocket&token=00000000"


def test_a_page_of_another_site_cannot_open_the_websocket(clasio: RunningClasio) -> None:
    with connect(address(clasio), origin=clasio.url) as ours:  # type: ignore[arg-type]
        assert str(ours.recv(10)).startswith("0{")  # engine.io's greeting
    for origin in ("https://evil.example", clasio.url.replace("127.0.0.1", "127.0.0.1.evil.example"), "null"):
        with pytest.raises(InvalidStatus) as refused, connect(address(clasio), origin=origin):  # type: ignore[arg-type]
            pass
        assert refused.value.response.status_code in {400, 403}, origin


def test_a_message_that_is_too_long_ends_the_connection(clasio: RunningClasio) -> None:
    with connect(address(clasio), origin=clasio.url) as ours:  # type: ignore[arg-type]
        ours.recv(10)
        ours.send("4" + "x" * 100_000)
        with pytest.raises(ConnectionClosed):
            [ours.recv(10) for _ in range(100)]  # what came before the end
    assert clasio.is_ready()
