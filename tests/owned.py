"""What the owner has, and whether anybody else saw or changed it."""

from dataclasses import dataclass
from functools import cache
from uuid import UUID

from clasio_backend.accounts.service import list_api_tokens
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.documents.trash import trash_document
from clasio_backend.exports.schemas import NewExport
from clasio_backend.exports.service import request_export
from clasio_backend.mail.service import queue_mail
from clasio_backend.organizations.invites import invite
from clasio_backend.organizations.schemas import NewInvite
from clasio_backend.organizations.service import list_categories
from clasio_backend.sharing.schemas import NewShare
from clasio_backend.sharing.service import share_document
from tests import factories
from tests.cast import Actor
from tests.servers import Servers
from tests.worker import Worker

SHARE_ENDING = ("document", "whom", "until", "link")
SECRET = "the-owners-secret"  # in every text that the owner wrote


@dataclass(frozen=True, slots=True)
class Owned:
    """What the owner has: an id for each kind of path parameter, and all ids that nobody else may ever see."""

    ids: dict[str, UUID]
    secrets: frozenset[str]

    def leaks_into(self, text: str) -> set[str]:
        return {secret for secret in self.secrets if secret in text}


def belongings(owner: Actor, worker: Worker) -> Owned:
    """An analysed document, one in the trash, a token, an invite, a share, a message, an export and a job."""
    document = factories.upload(owner.scope, f"{SECRET}.txt", f"{SECRET}: invoice over 119,00 EUR")
    trashed = factories.upload(owner.scope, f"{SECRET} trashed.txt")
    worker.run_all()
    with unit_of_work(owner.scope) as uow:
        trash_document(uow, trashed.id)
        token = list_api_tokens(uow)[0]
        invited = invite(uow, NewInvite(email=f"{SECRET}@example.org"))
        mail_id = queue_mail(uow, f"{SECRET}@example.org", "share_ending", **dict.fromkeys(SHARE_ENDING, SECRET))
        shared = share_document(uow, document.id, NewShare(email=f"{SECRET}.reader@example.org"))
        category = list_categories(uow)[0]
        export = request_export(uow, NewExport(kind="organization"))
    worker.run_all()
    job_id = worker.jobs_of(owner.organization_id)[0]["id"]
    ids = {
        "document_id": document.id,
        "category_id": category.id,
        "job_id": job_id,
        "token_id": token.id,
        "invite_id": invited.id,
        "mail_id": mail_id,
        "share_id": shared.id,
        "export_id": export.id,
        "organization_id": owner.organization_id,
        "user_id": owner.user_id,
        "identity_id": factories.new_identity(owner.user_id, f"{SECRET}@example.org"),
        "session_id": factories.new_session(owner.user_id).session_id,
    }
    secrets = {str(value) for value in (*ids.values(), trashed.id)} | {SECRET, owner.email, owner.name}
    return Owned(ids, frozenset(secrets))


class Untouched:
    """Compares everything that an organization has with what it had at the start."""

    def __init__(self, servers: Servers, organization_id: UUID) -> None:
        self._servers, self._organization_id = servers, organization_id
        self.before = self._everything()

    def _everything(self) -> dict[str, list[str]]:
        return self._rows() | {"stored bytes": self._stored()}

    def _stored(self) -> list[str]:
        folder = self._servers.folder / "blobs" / str(self._organization_id)
        return sorted(f"{path.name} {path.stat().st_size}" for path in folder.rglob("*") if path.is_file())

    def _rows(self) -> dict[str, list[str]]:
        tables = _tables_of_organizations(self._servers)
        rows: dict[str, list[str]] = {table: [] for table in tables}
        everything = " UNION ALL ".join(
            f"SELECT '{table}', to_jsonb(t)::text FROM {table} t WHERE organization_id = %(id)s" for table in tables
        )
        # In one go: this runs some thousand times.
        for table, row in self._servers.look(f"{everything} ORDER BY 1, 2", {"id": self._organization_id}):
            rows[table].append(row)
        return rows

    def check(self, what: str) -> None:
        """Fails if anything differs; what comes after is compared with what is there now."""
        before, self.before = self.before, self._everything()
        assert {table for table, rows in self.before.items() if rows != before[table]} == set(), f"changed by {what}"


@cache
def _tables_of_organizations(servers: Servers) -> tuple[str, ...]:
    with servers.as_owner() as connection:
        found = connection.execute(
            "SELECT table_name FROM information_schema.columns"
            " WHERE table_schema = 'public' AND column_name = 'organization_id' AND table_name <> 'sessions'"
        ).fetchall()
    return tuple(table for (table,) in found)
