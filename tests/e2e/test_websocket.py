"""The websocket that carries events: for pages of our own, for messages of a bounded size, and for not too many."""

from contextlib import suppress

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from tests.e2e.conftest import sign_in
from tests.running import RunningClasio

pytestmark = pytest.mark.browser
CONNECT = "40/_event,"
ASK = '42/_event,["ping"]'


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


def said(connection: ClientConnection, wanted: str) -> None:
    """Waits until the server has said so."""
    while wanted not in str(connection.recv(20)):
        pass


def test_a_flood_is_ended_while_others_go_on(clasio: RunningClasio) -> None:
    with connect(address(clasio), origin=clasio.url) as theirs, connect(address(clasio), origin=clasio.url) as other:  # type: ignore[arg-type]
        for one in (theirs, other):
            one.send(CONNECT)
            said(one, "40/_event,")
        with pytest.raises(ConnectionClosed):  # whether its reason arrives behind all that is unread is chance
            flood(theirs, other)
        other.send(ASK)
        said(other, "pong")
    assert any('"websocket_flood_ended"' in line for line in clasio.lines)
    with connect(address(clasio), origin=clasio.url) as again:  # type: ignore[arg-type]
        assert str(again.recv(10)).startswith("0{")


def flood(theirs: ClientConnection, other: ClientConnection) -> None:
    """Sends on one connection until it is ended, and all the while now and then something on the other."""
    number = 0
    while True:
        theirs.send(ASK)
        number += 1
        if number % 500 == 0:
            other.send(ASK)
            said(other, "pong")
            with suppress(TimeoutError):
                while True:
                    theirs.recv(0)  # or what it is answered fills the line


def test_a_page_that_was_ended_comes_back_by_itself(page: Page, clasio: RunningClasio) -> None:
    lines: list[WebSocketRoute] = []

    def through(mine: WebSocketRoute) -> None:
        lines.append(mine.connect_to_server())

    page.route_web_socket("**/_event/**", through)
    sign_in(page, clasio)
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    before = len(lines)
    while len(lines) == before:
        for _ in range(200):
            lines[before - 1].send(ASK)
        page.wait_for_timeout(1)
    page.get_by_role("link", name="Usage").first.click()
    expect(page.get_by_role("heading", name="Who used what")).to_be_visible()
