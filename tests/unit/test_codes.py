"""Codes of an authenticator app, against the numbers of RFC 6238 (appendix B, six digits, SHA-1)."""

from base64 import b32encode
from datetime import UTC, datetime

import pytest

from clasio_backend.accounts.codes import app_address, matching_step, new_recovery_codes, new_secret, picture, plain
from clasio_backend.security import rates

SECRET = b32encode(b"12345678901234567890").decode()
AT = datetime.fromtimestamp(1_111_111_109, UTC)
STEP = 1_111_111_109 // 30
RIGHT = "081804"


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1_111_111_109, RIGHT), (1_234_567_890, "005924"), (20_000_000_000, "353130")],
)
def test_the_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    assert matching_step(SECRET, code, datetime.fromtimestamp(seconds, UTC), None) == seconds // 30


@pytest.mark.parametrize(("aside", "fits"), [(-60, False), (-59, True), (0, True), (1, True), (30, True), (31, False)])
def test_a_clock_may_be_half_a_minute_off(aside: int, *, fits: bool) -> None:
    """The code is of the seconds from -29 to 0."""
    at = datetime.fromtimestamp(1_111_111_109 + aside, UTC)
    assert matching_step(SECRET, RIGHT, at, None) == (STEP if fits else None)


def test_a_step_that_was_taken_is_not_taken_again() -> None:
    assert matching_step(SECRET, RIGHT, AT, STEP - 1) == STEP
    assert matching_step(SECRET, RIGHT, AT, STEP) is None
    assert matching_step(SECRET, RIGHT, AT, STEP + 1) is None


def test_secrets_and_recovery_codes_are_random_and_long_enough() -> None:
    assert len({new_secret() for _ in range(50)}) == 50
    assert len(new_secret()) * 5 == 160
    made = new_recovery_codes()
    assert len(set(made)) == 10
    assert {len(plain(code)) * 5 for code in made} == {120}  # a fast hash needs 112 (ASVS 5.0.0 §6.5.2)


def test_the_qr_code_is_a_picture_that_the_policy_lets_show() -> None:
    shown = picture(app_address(SECRET, "ada@example.org"))
    assert shown.startswith("data:image/svg+xml")
    assert "script" not in shown


def test_wrong_codes_are_few_in_minutes_and_in_a_day() -> None:
    """Three of a million are right at any time."""
    assert [limit.rate for limit in rates.code("ada")] == ["10 per 5 minutes", "100 per day"]


def test_the_address_names_account_and_clasio() -> None:
    assert app_address(SECRET, "ada@example.org") == (
        f"otpauth://totp/Clasio:ada%40example.org?secret={SECRET}&issuer=Clasio"
    )
