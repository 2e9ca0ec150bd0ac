"""Exports for tests: made by the job as for a person, looked into, and changed to what nobody should import."""

import hashlib
import io
import json
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from clasio_backend.accounts.authorize import scope_of_member
from clasio_backend.core.ids import new_id
from clasio_backend.core.scope import Role, Scope
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.exports.incoming.service import import_organization
from clasio_backend.exports.schemas import ExportRow, Imported, KindName, NewExport
from clasio_backend.exports.service import get_export, open_export, request_export, stream_export
from tests.cast import Actor
from tests.worker import Worker

MANIFEST = "manifest.json"


def start(actor: Actor, kind: KindName = "organization") -> ExportRow:
    with unit_of_work(actor.scope) as uow:
        return request_export(uow, NewExport(kind=kind))


def look(actor: Actor, export: ExportRow) -> ExportRow:
    """The export as it stands."""
    with unit_of_work(actor.scope) as uow:
        return get_export(uow, export.id)


def download(actor: Actor, export: ExportRow) -> bytes:
    with unit_of_work(actor.scope) as uow:
        content = open_export(uow, export.id)
    return b"".join(stream_export(content))


@dataclass
class Unpacked:
    """An export in memory; `pack` makes a file of it again, with a manifest that fits unless `seal` is off."""

    members: dict[str, bytes]
    manifest: dict[str, Any] = field(default_factory=dict)

    def lines(self, name: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.members[f"{name}.jsonl"].splitlines()]

    def set_lines(self, name: str, lines: list[dict[str, Any]]) -> None:
        self.members[f"{name}.jsonl"] = b"".join(json.dumps(line).encode() + b"\n" for line in lines)
        self.manifest["counts"][name] = len(lines)

    def pack(self, path: Path, *, seal: bool = True) -> Path:
        if seal:
            self.manifest["members"] = [
                {"name": name, "size_bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
                for name, content in self.members.items()
            ]
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in self.members.items():
                archive.writestr(name, content)
            archive.writestr(MANIFEST, json.dumps(self.manifest))
        return path


def unpack(content: bytes) -> Unpacked:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        members = {name: archive.read(name) for name in archive.namelist()}
    return Unpacked(members, json.loads(members.pop(MANIFEST)))


def made(actor: Actor, worker: Worker, kind: KindName = "organization") -> Unpacked:
    """A new export, finished and unpacked."""
    export = start(actor, kind)
    worker.run_all()
    return unpack(download(actor, export))


def bring_in(path: Path, *, name: str | None = None, owner_email: str | None = None) -> Imported:
    return import_organization(path, name=name, owner_email=owner_email, tell=lambda _sentence: None)


def owner_scope(imported: Imported, actor: Actor) -> Scope:
    return scope_of_member(imported.organization_id, actor.user_id, Role.OWNER, new_id().hex)


ORGANIZATION_1 = "01890000-0000-7000-8000-000000000001"
PERSON_1 = "01890000-0000-7000-8000-000000000002"
CATEGORY_1 = "01890000-0000-7000-8000-000000000003"
LONG_AGO = "2026-11-24T10:00:00Z"


def version_1(email: str) -> Unpacked:
    """An export as schema version 1 wrote it: a read document, one that waits, and one in quarantine."""
    export = Unpacked(
        {
            "documents/000001 invoice.txt": b"Invoice 17",
            "documents/000002 waiting.txt": b"Not read yet",
            "organization.json": json.dumps(
                {
                    "id": ORGANIZATION_1,
                    "name": "Old Ltd",
                    "plan": "business",
                    "analysis_mode": "automatic",
                    "max_share_days": 30,
                    "created_at": LONG_AGO,
                }
            ).encode()
            + b"\n",
        },
        {
            "format": "clasio-export",
            "schema_version": 1,
            "clasio_version": "0.1.0",
            "kind": "organization",
            "made_at": LONG_AGO,
            "organization_id": ORGANIZATION_1,
            "organization": "Old Ltd",
            "counts": {},
            "left_out": [{"document_id": _document_1(3)["id"], "name": "infected.txt", "reason": "infected"}],
        },
    )
    read = {"stage": "analysed", "outcome": "done", "category_id": CATEGORY_1, "analysis_source": "local"}
    read |= {
        "scanned_at": LONG_AGO,
        "read_at": LONG_AGO,
        "searchable_at": LONG_AGO,
        "analysed_at": LONG_AGO,
        "document_type": "Invoice",
        "value_sources": {"category": "human", "document_type": "local"},
        "amounts": [{"label": "Total", "minor_units": 11900, "currency": "EUR"}],
        "parties": ["Old Ltd"],
    }
    export.set_lines(
        "documents",
        [
            {**_document_1(1, "invoice.txt", b"Invoice 17"), **read},
            _document_1(2, "waiting.txt", b"Not read yet"),
            {**_document_1(3, "infected.txt", b"not given out"), "outcome": "infected", "file": None},
        ],
    )
    export.set_lines("texts", [{"document_id": _document_1(1)["id"], "text": "Invoice 17", "is_truncated": False}])
    export.set_lines("analyses", [_ANALYSIS_1])
    export.set_lines("shares", [_SHARE_1])
    export.set_lines("activity", [_ACTIVITY_1])
    category = {"id": CATEGORY_1, "name": "Invoices", "position": 0, "created_at": LONG_AGO, "archived_at": None}
    export.set_lines("categories", [category])
    person = {"user_id": PERSON_1, "email": email, "name": "Ada", "role": "owner", "is_active": True}
    export.set_lines("members", [{**person, "created_at": LONG_AGO, "removed_at": None}])
    return export


def _document_1(number: int, name: str = "", content: bytes = b"") -> dict[str, Any]:
    never = ("scanned_at", "read_at", "searchable_at", "analysed_at", "last_accessed_at", "deleted_at", "deleted_by")
    unset = ("error_code", "error_message", "category_id", "document_type", "summary", "language")
    unset += ("issued_on", "due_on", "expires_on", "analysis_source", "page_count")
    return {
        "id": f"01890000-0000-7000-8000-00000000001{number}",
        "name": name,
        "mime_type": "text/plain",
        "size_bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "source": "upload",
        "uploaded_by": PERSON_1,
        "stage": "received",
        "outcome": "pending",
        "scan": "not_scanned",
        "ocr": "none",
        "amounts": [],
        "parties": [],
        "value_sources": {},
        "created_at": LONG_AGO,
        "updated_at": LONG_AGO,
        "file": f"documents/{number:06} {name}",
        **dict.fromkeys((*never, *unset)),
    }


_ANALYSIS_1 = {
    "id": "01890000-0000-7000-8000-000000000021",
    "document_id": _document_1(1)["id"],
    "mode": "fast",
    "source": "local",
    "model": "local",
    "prompt_version": "",
    "content_sha256": hashlib.sha256(b"Invoice 17").hexdigest(),
    "result": {"category": "Invoices"},
    "tokens_in": 0,
    "tokens_out": 0,
    "created_at": LONG_AGO,
}
_SHARE_1 = {
    "id": "01890000-0000-7000-8000-000000000022",
    "document_id": _document_1(1)["id"],
    "created_by": PERSON_1,
    "email": "reader@example.org",
    "access": "viewer",
    "created_at": LONG_AGO,
    "expires_at": LONG_AGO,
    "revoked_at": None,
    "open_count": 2,
    "last_opened_at": LONG_AGO,
}
_ACTIVITY_1 = {
    "id": "01890000-0000-7000-8000-000000000023",
    "at": LONG_AGO,
    "actor": "user",
    "user_id": PERSON_1,
    "share_id": None,
    "action": "document.uploaded",
    "target_kind": "document",
    "target_id": _document_1(1)["id"],
    "details": {"name": "invoice.txt"},
    "request_id": "1",
}
