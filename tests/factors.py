"""People with a second factor: an authenticator app that the tests play."""

import time
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

import pyotp

from clasio_backend.accounts import second_factor
from clasio_backend.accounts.authorize import authorize_browser
from clasio_backend.accounts.schemas import CodeWanted, NewSession
from clasio_backend.accounts.service import sign_in
from clasio_backend.core.clock import now
from tests.cast import Actor
from tests.servers import Servers

BROWSER = {"ip_address": "203.0.113.7", "user_agent": "tests"}
STEP = 30
ENOUGH = 5
"""Seconds that a test may take with a code."""


@dataclass(frozen=True, slots=True)
class Factor:
    user_id: UUID
    secret: str
    recovery: tuple[str, ...]
    servers: Servers

    def code(self, aside: int = 0) -> str:
        """What the app shows, or shows so many half minutes from now. One that is about to change is waited for."""
        left = STEP - now().timestamp() % STEP
        if left < ENOUGH:
            time.sleep(left)
        return str(pyotp.TOTP(self.secret).at(now() + timedelta(seconds=STEP * aside)))

    def new_code(self) -> str:
        """One that works, whatever was used before: that is forgotten, so that nobody waits half a minute."""
        with self.servers.as_owner() as connection:
            connection.execute("UPDATE second_factors SET last_step = NULL WHERE user_id = %s", [self.user_id])
        return self.code()


def turn_on(actor: Actor, servers: Servers) -> Factor:
    browser = authorize_browser(actor.cookie)
    secret = second_factor.begin_set_up(browser.person, actor.password).secret
    factor = Factor(actor.user_id, secret, (), servers)
    recovery = second_factor.confirm_set_up(browser, factor.code()).codes
    return replace(factor, recovery=recovery)


def half_sign_in(actor: Actor) -> CodeWanted:
    """The password was right; the code is missing."""
    waiting = sign_in(actor.email, actor.password, request_id="test", **BROWSER)
    assert isinstance(waiting, CodeWanted)
    return waiting


def finish(waiting: CodeWanted, code: str) -> NewSession:
    return second_factor.finish_sign_in(waiting.token, code, request_id="test", **BROWSER)
