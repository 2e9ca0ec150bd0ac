"""What the owner has, and whether anybody else saw or changed it."""

from dataclasses import dataclass
from uuid import UUID

from clasio_backend.accounts.service import list_api_tokens
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.documents.service import trash_document
from tests import factories
from tests.cast import Actor
from tests.servers import Servers
from tests.worker import Worker

SECRET = "the-owners-secret"  # in every text that the owner wrote


@dataclass(frozen=True, slots=True)
class Owned:
    """What the owner has: an id for each kind of path parameter, and all ids that nobody else may ever see."""

    ids: dict[str, UUID]
    secrets: frozenset[str]

    def leaks_into(self, text: str) -> set[str]:
        return {secret for secret in self.secrets if secret in text}


def belongings(owner: Actor, worker: Worker) -> Owned:
    """An analysed document, one in the trash, a token and a job."""
    document = factories.upload(owner.scope, f"{SECRET}.txt", f"{SECRET}: invoice over 119,00 EUR")
    trashed = factories.upload(owner.scope, f"{SECRET} trashed.txt")
    worker.run_all()
    with unit_of_work(owner.scope) as uow:
        trash_document(uow, trashed.id)
        token = list_api_tokens(uow)[0]
    job_id = worker.jobs_of(owner.organization_id)[0]["id"]
    ids = {
        "document_id": document.id,
        "job_id": job_id,
        "token_id": token.id,
        "organization_id": owner.organization_id,
        "user_id": owner.user_id,
    }
    secrets = {str(value) for value in (*ids.values(), trashed.id)} | {SECRET, owner.email, owner.name}
    return Owned(ids, frozenset(secrets))


class Untouched:
    """Compares everything that an organization has with what it had at the start."""

    def __init__(self, servers: Servers, organization_id: UUID) -> None:
        self._servers, self._organization_id = servers, organization_id
        self._before = self._rows()

    def _rows(self) -> dict[str, list[str]]:
        with self._servers.as_owner() as connection:
            tables = connection.execute(
                "SELECT table_name FROM information_schema.columns"
                " WHERE table_schema = 'public' AND column_name = 'organization_id' AND table_name <> 'sessions'"
            ).fetchall()
            return {
                table: [
                    row[0]
                    for row in connection.execute(
                        f"SELECT to_jsonb(t)::text FROM {table} t WHERE organization_id = %s ORDER BY 1".encode(),
                        [self._organization_id],
                    )
                ]
                for (table,) in tables
            }

    def check(self, what: str) -> None:
        after = self._rows()
        assert {table for table in after if after[table] != self._before[table]} == set(), f"changed by {what}"
