"""Bringing the database to this version as the owner's role, and the link with which the first person comes in."""

import time

from sqlalchemy.exc import OperationalError

from clasio_backend.cli.faults import in_words
from clasio_backend.cli.instance import InstanceError
from clasio_backend.cli.say import say
from clasio_backend.core.config import get_settings

LOOK_SECONDS = 1.0
LOOKS_PER_LINE = 10


def migrate() -> None:
    """Runs the migrations that are missing, if this process knows the owner; safe from several hosts at once."""
    from clasio_backend.core.migrate import upgrade  # noqa: PLC0415  # keeps the command line's start light

    owner = _owner_url()
    if owner is not None:
        upgrade(owner)


def first_link() -> str | None:
    """What to tell the person who sets Clasio up; None once somebody exists."""
    from clasio_backend.organizations.setup import setup_link  # noqa: PLC0415  # as above

    link = setup_link()
    return f"Set up your organization, once: {link}" if link else None


def migrate_when_there() -> None:
    """`./clasio migrate`: waits for the database, migrates it, and prints the first link while nobody exists."""
    owner = _owner_url()
    if owner is None:
        raise InstanceError("DATABASE_OWNER_URL is not set. Set it for this command: migrations run as that role.")
    _wait_for(owner)
    migrate()
    say("The database is at this version.")
    link = first_link()
    if link:
        say(link)


def _owner_url() -> str | None:
    owner = get_settings().database_owner_url
    return owner.get_secret_value() if owner else None


def _wait_for(owner: str) -> None:
    from clasio_backend.core.migrate import reach  # noqa: PLC0415  # as above

    looks = 0
    while True:
        try:
            reach(owner)
        except OperationalError as error:
            if looks % LOOKS_PER_LINE == 0:
                say(f"Waiting. {in_words(error)}")
            looks += 1
            time.sleep(LOOK_SECONDS)
        else:
            return
