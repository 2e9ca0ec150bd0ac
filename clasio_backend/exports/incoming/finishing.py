"""The last step of an import, one transaction: people, who added what, what is left to do, and there it is."""

from collections.abc import Iterator
from uuid import UUID

from clasio_backend.accounts.repository import UserRepository
from clasio_backend.activity.actions import Action
from clasio_backend.activity.service import record
from clasio_backend.core import gateway
from clasio_backend.core.clock import now
from clasio_backend.core.config import get_settings
from clasio_backend.core.ids import new_id
from clasio_backend.core.job_queue import JobKind, enqueue
from clasio_backend.core.scope import Scope, UserScope
from clasio_backend.core.unit_of_work import UnitOfWork, unit_of_work
from clasio_backend.exports.errors import ImportTakenAway, NoOwner
from clasio_backend.exports.incoming.archive import IncomingArchive
from clasio_backend.exports.incoming.checking import Checked, has_bytes
from clasio_backend.exports.incoming.repository import ImportRepository
from clasio_backend.exports.lines import DocumentLine, MemberLine
from clasio_backend.exports.schemas import Imported
from clasio_backend.models import Membership, User
from clasio_backend.models.documents import Outcome
from clasio_backend.organizations.repository import OrganizationRepository
from clasio_backend.organizations.setup import needs_password, set_password_link

CHANGES_A_STATEMENT = 1000
OWNER = "owner"


def owners_of(checked: Checked, owner_email: str | None) -> None:
    """Raises `NoOwner` when the new organization would have no active owner."""
    if owner_email is None and not any(line.is_active and line.role == OWNER for line in checked.members.values()):
        raise NoOwner


def finish_import(scope: Scope, archive: IncomingArchive, checked: Checked, owner_email: str | None) -> Imported:
    """Makes the organization visible, and returns what came in with links for people who have no password yet."""
    active: dict[str, UUID] = {}
    with unit_of_work(scope) as uow:
        people = _people(uow, scope, checked, owner_email, active)
        queued = 0
        for changes, pending in _changes(archive, people):
            uow.repository(ImportRepository).set_people(changes)
            queued += _queue(uow, pending)
        if not uow.repository(ImportRepository).finish(now()):
            raise ImportTakenAway
        organization = uow.repository(OrganizationRepository).get()
        documents = len(checked.documents) - checked.left_out
        record(
            uow,
            Action.ORGANIZATION_IMPORTED,
            "organization",
            organization.id,
            name=archive.manifest.organization,
            documents=documents,
            from_organization=str(archive.manifest.organization_id),
        )
    return Imported(
        organization_id=scope.organization_id,
        name=organization.name,
        documents=documents,
        left_out=checked.left_out,
        queued=queued,
        members=len(people),
        links={email: set_password_link(user_id) for email, user_id in active.items() if needs_password(user_id)},
    )


def _people(
    uow: UnitOfWork, scope: Scope, checked: Checked, owner_email: str | None, active: dict[str, UUID]
) -> dict[UUID, UUID]:
    """Person in the export → person here; fills `active` with those who may come in, by address."""
    lines = list(checked.members.values())
    if owner_email is not None:
        lines = _with_owner(lines, owner_email)
    people: dict[UUID, UUID] = {}
    memberships: list[Membership] = []
    for line in lines:
        known = gateway.find_user(line.email)
        people[line.user_id] = known or _new_person(uow, line)
        if line.is_active:
            active[line.email] = people[line.user_id]
        memberships.append(
            Membership(
                organization_id=scope.organization_id,
                user_id=people[line.user_id],
                **line.model_dump(include={"role", "is_active", "created_at", "removed_at"}),
            )
        )
    uow.enter(scope)
    uow.repository(ImportRepository).add_all(memberships)
    return people


def _with_owner(lines: list[MemberLine], email: str) -> list[MemberLine]:
    """The members, with an active owner of this address among them."""
    owner = {"role": OWNER, "is_active": True, "removed_at": None}
    if any(line.email.lower() == email.lower() for line in lines):
        return [line.model_copy(update=owner) if line.email.lower() == email.lower() else line for line in lines]
    name = email.partition("@")[0]
    return [*lines, MemberLine(user_id=new_id(), email=email, name=name, created_at=now(), **owner)]


def _new_person(uow: UnitOfWork, line: MemberLine) -> UUID:
    user_id = new_id()
    uow.enter(UserScope(user_id, uow.any_scope.request_id))
    uow.repository(UserRepository).add(User(id=user_id, email=line.email, name=line.name))
    return user_id


def _changes(
    archive: IncomingArchive, people: dict[UUID, UUID]
) -> Iterator[tuple[list[dict[str, UUID | None]], list[DocumentLine]]]:
    """Batches of (who added and removed each document, documents that are not done, or are to be scanned)."""
    changes: list[dict[str, UUID | None]] = []
    pending: list[DocumentLine] = []
    scans = get_settings().scans
    for line in archive.lines("documents.jsonl", DocumentLine):
        if not has_bytes(archive, line):
            continue
        uploader = people[line.uploaded_by] if line.uploaded_by else None
        remover = people[line.deleted_by] if line.deleted_by else None
        if uploader or remover:
            changes.append({"of_document": line.id, "uploader": uploader, "remover": remover})
        if line.outcome == Outcome.PENDING or scans:
            pending.append(line)
        if len(changes) + len(pending) >= CHANGES_A_STATEMENT:
            yield changes, pending
            changes, pending = [], []
    yield changes, pending


def _queue(uow: UnitOfWork, pending: list[DocumentLine]) -> int:
    """Queues what was under way when the export was made: reading, or the analysis of what was read.

    With a scanner everything begins with the job that reads: it scans, and goes on with what is left to do.
    """
    scans = get_settings().scans
    for line in pending:
        is_to_read = scans or line.searchable_at is None
        kind = JobKind.READ_DOCUMENT if is_to_read else JobKind.ANALYSE_DOCUMENT
        key = str(line.id) if is_to_read else f"{line.id} fast"
        payload = {"document_id": str(line.id), "mode": "fast"}
        enqueue(uow, kind, key, payload=payload, document_id=line.id)
    return len(pending)
