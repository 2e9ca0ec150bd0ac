"""Codes of six digits that change every half minute (TOTP, RFC 6238), and recovery codes."""

import re
import secrets
from base64 import b32encode
from datetime import datetime

import segno
from pyotp import HOTP, TOTP, random_base32
from pyotp.utils import strings_equal

STEP_SECONDS = 30
STEPS_ASIDE = 1
"""A phone's clock may be half a minute off, and typing takes a while."""
RECOVERY_CODES = 10
ISSUER = "Clasio"

_CODE = re.compile(r"[0-9]{6}")
_RECOVERY_BYTES = 15


def new_secret() -> str:
    """160 random bits in base32, as apps take them (RFC 4226 §4)."""
    return random_base32(32)


def app_address(secret: str, account: str) -> str:
    """What the QR code says to the app."""
    return TOTP(secret).provisioning_uri(name=account, issuer_name=ISSUER)


def picture(address: str) -> str:
    """The QR code of an address as a picture in an address of its own (`data:`); black on white in every theme."""
    return str(segno.make_qr(address, error="m").svg_data_uri(scale=4, border=3, light="#fff"))


def matching_step(secret: str, code: str, at: datetime, after: int | None) -> int | None:
    """The half minute that `code` belongs to: this one or a neighbour, later than `after`; None if there is none."""
    if not _CODE.fullmatch(code):
        return None
    present = int(at.timestamp()) // STEP_SECONDS
    one_time = HOTP(secret)
    fitting = [
        step
        for step in range(present - STEPS_ASIDE, present + STEPS_ASIDE + 1)
        if strings_equal(one_time.at(step), code)  # all are compared: the time taken says nothing
    ]
    return next((step for step in fitting if after is None or step > after), None)


def new_recovery_codes() -> list[str]:
    """Ten of 120 random bits each, in groups to read aloud or to type."""
    return [_grouped(b32encode(secrets.token_bytes(_RECOVERY_BYTES)).decode().lower()) for _ in range(RECOVERY_CODES)]


def plain(typed: str) -> str:
    """A code as it was made: people type it with other spaces, dashes and capitals."""
    return re.sub(r"[\s-]", "", typed).lower()


def _grouped(code: str) -> str:
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))
