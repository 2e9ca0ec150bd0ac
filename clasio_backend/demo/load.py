"""Loads the demo: an organization with two members and about 60 documents of the last four weeks."""

import hashlib
import random
import tempfile
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

from clasio_backend.accounts.authorize import scope_of_member
from clasio_backend.core import gateway
from clasio_backend.core.clock import now
from clasio_backend.core.scope import Role, Scope, new_request_id
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.demo import texts
from clasio_backend.demo.files import to_file
from clasio_backend.demo.life import bring_to_life
from clasio_backend.demo.texts import Draft
from clasio_backend.documents.intake import receive
from clasio_backend.documents.schemas import DocumentRow, IncomingFile
from clasio_backend.organizations import service, setup

ORGANIZATION = "Larkfield Joinery (demo)"
OWNER = ("ada@larkfield.example", "Ada Larkfield")
MEMBER = ("ben@larkfield.example", "Ben Osei")
SEED = 20
DAYS = 28


def load_demo() -> str | None:
    """Makes the demo once and returns the link with which its owner chooses a password; None when it is there."""
    if gateway.find_user(OWNER[0]) is not None:
        return None
    owner_id = setup.create_person(*OWNER, is_operator=not gateway.has_users())
    member_id = setup.create_person(*MEMBER)
    owner = service.founding_scope(owner_id, new_request_id())
    with unit_of_work(owner) as uow:
        service.found_organization(uow, ORGANIZATION, plan="business")
        service.add_member(uow, member_id, Role.MEMBER)
    member = scope_of_member(owner.organization_id, member_id, Role.MEMBER, new_request_id())
    chance = random.Random(SEED)  # noqa: S311  # the same demo everywhere
    with tempfile.TemporaryDirectory(prefix="clasio-demo-") as folder:
        documents = [
            _add(chance.choice((owner, owner, member)), draft, received_at, Path(folder))
            for draft, received_at in drafts(chance, now())
        ]
    bring_to_life(owner, member, documents)
    return setup.set_password_link(owner_id)


def _add(scope: Scope, draft: Draft, received_at: datetime, folder: Path) -> DocumentRow:
    content = to_file(draft)
    path = folder / "file"
    path.write_bytes(content)
    file = IncomingFile(path, f"{draft.name}.{draft.kind}", len(content), hashlib.sha256(content).hexdigest())
    return receive(scope, file, source="demo", keep_duplicate=True, received_at=received_at)


def drafts(chance: random.Random, until: datetime) -> Iterator[tuple[Draft, datetime]]:
    """Every demo document with the time it came in, oldest first."""
    today = until.date()
    made = [*_papers(chance, today), *_rare_papers(chance, today)]
    times = sorted(until - timedelta(minutes=chance.randint(10, DAYS * 24 * 60)) for _ in made)
    chance.shuffle(made)
    return zip(made, times, strict=True)


def _papers(chance: random.Random, today: date) -> Iterator[Draft]:
    for number in range(24):
        issued = today - timedelta(days=chance.randint(1, 300))
        yield texts.invoice(chance, 4100 + number, issued, incoming=number % 3 != 0)
    for number in range(8):
        yield texts.contract(chance, today - timedelta(days=30 + 41 * number))
    for number in range(8):
        yield texts.minutes(chance, today - timedelta(days=7 * number))
    for number in range(6):
        yield texts.letter(chance, today - timedelta(days=3 + 17 * number))
    for number in range(6):
        yield texts.mail(chance, today - timedelta(days=2 + 9 * number))


def _rare_papers(chance: random.Random, today: date) -> Iterator[Draft]:
    for number in range(3):
        yield texts.report(chance, today - timedelta(days=91 * number))
    for number in range(3):
        yield texts.timesheet(chance, today - timedelta(days=31 * number))
    yield texts.manual()
    yield texts.pitch()
    yield texts.application(chance)
    yield texts.price_list(chance, today.year)
