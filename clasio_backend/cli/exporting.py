"""`./clasio export` and `./clasio import`: an organization as one file, and back."""

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from clasio_backend.accounts.schemas import Line
from clasio_backend.activity.actions import Action
from clasio_backend.activity.service import record
from clasio_backend.cli.instance import InstanceError
from clasio_backend.core.errors import ValidationFailed
from clasio_backend.core.scope import system_scope
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.documents.names import clean_name
from clasio_backend.exports.archive import ExportArchive
from clasio_backend.exports.collecting import Collector
from clasio_backend.exports.incoming.service import import_organization
from clasio_backend.exports.service import SUBJECTS
from clasio_backend.models.exports import ExportKind


def export(organization_id: UUID, output: Path | None, *, as_json: bool) -> None:
    """Writes the file whole or not at all, readable by this user alone; prints what is in it."""
    scope = system_scope(organization_id, "command line")
    collector = Collector(scope, None)
    path = output or Path(f"{clean_name(collector.organization)}.zip")
    archive = ExportArchive(scope, collector, lambda done, total: _tell(f"{done:,} of {total:,} documents"))
    half = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            for piece in archive.pieces():
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        half.replace(path)
    except OSError as error:
        raise InstanceError(f"{path} cannot be written: {error.strerror}.") from error
    finally:
        half.unlink(missing_ok=True)
    with unit_of_work(scope) as uow:
        record(uow, Action.EXPORT_MADE, "export", None, name=SUBJECTS[ExportKind.ORGANIZATION])
    made = {
        "file": str(path.resolve()),
        "size_bytes": archive.size_bytes,
        "sha256": archive.sha256,
        "documents": archive.documents,
        "left_out": archive.left_out,
    }
    if as_json:
        print(json.dumps(made))
        return
    print(f"{archive.documents:,} documents are in {path} ({archive.size_bytes / 1_000_000:,.1f} MB).")
    if archive.left_out:
        print(f"{archive.left_out:,} of them without their bytes; manifest.json says which and why.")


def bring_in(file: Path, name: str | None, owner_email: str | None, *, as_json: bool) -> None:
    """Imports; prints the new organization's id, and links for people who have no password here."""
    if name is not None:
        try:
            name = TypeAdapter(Line).validate_python(name)
        except ValidationError as error:
            raise ValidationFailed("Give the organization a name of one line, 200 characters at most.") from error
    if owner_email is not None and "@" not in owner_email:
        raise ValidationFailed("--owner-email is not an e-mail address.")
    imported = import_organization(file, name=name, owner_email=owner_email, tell=_tell)
    if as_json:
        print(json.dumps(asdict(imported) | {"organization_id": str(imported.organization_id)}))
        return
    print(f"{imported.name} is here, with {imported.documents:,} documents and {imported.members:,} people.")
    print(f"Its id is {imported.organization_id}.")
    if imported.left_out:
        print(f"{imported.left_out:,} documents came without their bytes, so they were left out.")
    if imported.queued:
        print(f"{imported.queued:,} documents are being read or analysed.")
    for email, link in imported.links.items():
        print(f"{email} chooses a password here, once: {link}")


def _tell(sentence: str) -> None:
    """Progress is for people, so it does not go where the answer goes."""
    print(sentence, file=sys.stderr, flush=True)
