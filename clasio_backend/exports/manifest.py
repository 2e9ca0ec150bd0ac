"""`manifest.json`: what an export holds, with size and SHA-256 of every member. It is the archive's last member."""

import json
from collections.abc import Iterator
from typing import IO, Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from clasio_backend import VERSION
from clasio_backend.core.clock import now
from clasio_backend.exports.lines import SCHEMA_VERSION, Count, Hash, Size

MANIFEST = "manifest.json"
FORMAT = "clasio-export"

Reason = Literal["infected", "not_scanned", "missing", "damaged"]
"""`infected` bytes are never given out, and `not_scanned` ones not before the scanner's verdict; `missing` ones are not
in the store; `damaged` ones are not what came in."""


class Member(BaseModel):
    """One file in the archive but the manifest itself."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, StringConstraints(min_length=1, max_length=300)]
    size_bytes: Size
    sha256: Hash


class LeftOut(BaseModel):
    """A document whose bytes are not in the archive."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    document_id: UUID
    name: str
    reason: Reason


class Manifest(BaseModel):
    """`counts` has the number of lines of each `.jsonl` member, by its name without the ending."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["clasio-export"]
    schema_version: Annotated[int, Field(ge=1)]
    clasio_version: str
    kind: Literal["organization", "person"]
    made_at: AwareDatetime
    organization_id: UUID
    organization: str
    counts: dict[str, Count]
    left_out: list[LeftOut]
    members: list[Member]


def manifest_pieces(  # noqa: PLR0913, PLR0917  # its parts
    kind: str,
    organization_id: UUID,
    organization: str,
    counts: dict[str, int],
    left_out: IO[bytes],
    members: IO[bytes],
) -> Iterator[bytes]:
    """The manifest's text; `left_out` and `members` hold one JSON object a line and are never whole in memory."""
    head = {
        "format": FORMAT,
        "schema_version": SCHEMA_VERSION,
        "clasio_version": VERSION,
        "kind": kind,
        "made_at": now().isoformat(),
        "organization_id": str(organization_id),
        "organization": organization,
        "counts": counts,
    }
    yield json.dumps(head, ensure_ascii=False, indent=1).removesuffix("\n}").encode()
    for name, lines in (("left_out", left_out), ("members", members)):
        yield f',\n "{name}": ['.encode()
        lines.seek(0)
        before = b"\n  "
        for line in lines:
            yield before + line.rstrip(b"\n")
            before = b",\n  "
        yield b"]"
    yield b"\n}\n"
