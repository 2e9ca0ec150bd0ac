"""What no scanner can look through is in quarantine: bombs, archives that lie, freshly made with random parameters."""

import gzip
import io
import random
import struct
import zipfile
from collections.abc import Callable
from email.message import EmailMessage

import pytest
from fastapi import FastAPI

from clasio_backend.models.documents import Outcome, Scan
from tests import factories
from tests.cast import Actor
from tests.scanning import EICAR, RealClamd, everything_refuses, mail, shown, word, zipped
from tests.worker import Worker


def zeros(name: str, megabytes: int, tail: bytes = b"") -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive, archive.open(name, "w") as member:
        for _ in range(megabytes):
            member.write(bytes(1_000_000))
        member.write(tail)
    return packed.getvalue()


def nested(levels: int) -> bytes:
    content = b"in the middle"
    for level in range(levels):
        content = zipped(f"{level}.zip", content)
    return content


def lying(size: int) -> bytes:
    """A zip whose directory and head say that a member of 60 MB has `size` bytes."""
    packed = bytearray(zeros("a", 60))
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        info = archive.infolist()[0]
    real, said = struct.pack("<L", info.file_size), struct.pack("<L", size)
    return bytes(packed.replace(real, said))


def hidden() -> bytes:
    """A zip with a member between two others that its directory does not name."""
    packed = zipped("first.txt", b"1", second=b"2" * 50, third=b"3")
    return _without_second(packed)


def _without_second(packed: bytes) -> bytes:
    starts = [at for at in range(len(packed)) if packed[at : at + 4] == b"PK\x01\x02"]
    end = packed.index(b"PK\x05\x06")
    kept = packed[: starts[1]] + packed[starts[2] : end]
    count, size = struct.pack("<HH", 2, 2), end - starts[0] - (starts[2] - starts[1])
    return kept + packed[end : end + 8] + count + struct.pack("<LL", size, starts[0]) + b"\0\0"


RANDOM = random.Random(20261127)
BOMBS: dict[str, Callable[[], bytes]] = {
    "a virus behind 300 MB": lambda: mail(("a.zip", zeros("a.bin", 300, EICAR))),
    "members of random sizes": lambda: mail(
        ("a.zip", zipped("a", b"", **{f"m{n}": bytes(RANDOM.randint(20_000_000, 60_000_000)) for n in range(9)}))
    ),
    "random ratio": lambda: mail(("a.zip", zeros("a", RANDOM.randint(52, 90)))),
    "nested too deep": lambda: mail(("a.zip", nested(RANDOM.randint(8, 30)))),
    "very many members": lambda: mail(("a.zip", zipped("a", b"", **{str(n): b"" for n in range(6_000)}))),
    "gzip": lambda: mail(("a.gz", gzip.compress(bytes(120_000_000)))),
    "gzip in a docx": lambda: word({"word/media/a.gz": gzip.compress(bytes(120_000_000), 1)}),
    "a directory that lies": lambda: mail(("a.zip", lying(10))),
    "a member that is hidden": lambda: mail(("a.zip", hidden())),
    "a zip behind a picture": lambda: mail(("a.png", b"\x89PNG\r\n\x1a\n" + zeros("a", 120))),
    "mails in mails": lambda: deep_mail(40),
    "cut off": lambda: mail(("a.zip", zeros("a", 10)[:-100])),
}


def deep_mail(levels: int) -> bytes:
    message = EmailMessage()
    message["From"], message["Subject"] = "a@example.org", "Innermost"
    message.set_content("x")
    for level in range(levels):
        outer = EmailMessage()
        outer["From"], outer["Subject"] = "a@example.org", f"Level {level}"
        outer.set_content("see below")
        outer.add_attachment(message)
        message = outer
    return message.as_bytes()


@pytest.mark.parametrize("bomb", BOMBS)
def test_what_no_scanner_can_look_through_is_not_opened(
    bomb: str, owner: Actor, worker: Worker, scanner: RealClamd, app: FastAPI
) -> None:
    content = BOMBS[bomb]()
    document = factories.upload(owner.scope, "a.docx" if content.startswith(b"PK") else "a.eml", content)
    worker.run_all()
    blocked = shown(owner, document.id)
    assert (blocked.scan, blocked.outcome) == (Scan.BLOCKED, Outcome.INFECTED), blocked.stage_error
    assert (blocked.scan_signature or "").startswith("Clasio.Limits: "), blocked.scan_signature
    assert everything_refuses(owner.api(app), document.id) == {"in_quarantine"}
