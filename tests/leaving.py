"""What the tests of leaving share: asking, letting time pass, and looking at what is left."""

from dataclasses import replace
from uuid import UUID

from clasio_backend.accounts.authorize import authorize_session
from clasio_backend.core.scope import UserScope, new_request_id
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.leaving.account import ask_account_deletion
from clasio_backend.leaving.due import carry_out_due
from clasio_backend.leaving.organization import ask_organization_deletion
from clasio_backend.leaving.schemas import AccountDeletion, AccountDeletionRow, OrganizationDeletion
from clasio_backend.organizations.members import change_member
from clasio_backend.organizations.schemas import MemberChange
from clasio_backend.organizations.settings import read_settings
from tests import cast, factories
from tests.cast import Actor
from tests.servers import Servers


def person(actor: Actor) -> UserScope:
    return UserScope(actor.user_id, new_request_id())


def ask_account(actor: Actor, documents: str = "stay", password: str = factories.PASSWORD) -> AccountDeletionRow:
    wanted = AccountDeletion.model_validate({"documents": documents, "password": password})
    return ask_account_deletion(person(actor), wanted)


def ask_organization(actor: Actor) -> None:
    with unit_of_work(actor.scope) as uow:
        name = read_settings(uow).name
    ask_organization_deletion(
        actor.scope, OrganizationDeletion.model_validate({"name": name, "password": factories.PASSWORD})
    )


def second_owner(first: Actor) -> Actor:
    """A colleague of `first` who is an owner as well."""
    actor = cast.member_of(first, "Otto Owner")
    with unit_of_work(first.scope) as uow:
        change_member(uow, actor.user_id, MemberChange(role="owner"))
    return replace(actor, signed_in=authorize_session(actor.cookie))


class Calendar:
    """Lets days pass for everything that waits: the database's clock stands for the world's."""

    def __init__(self, servers: Servers) -> None:
        self._servers = servers

    def pass_by(self, days: float) -> None:
        with self._servers.as_owner() as connection:
            for table in ("users", "organizations"):
                for column in ("deletion_due_at", "deleted_at"):
                    connection.execute(
                        f"UPDATE {table} SET {column} = {column} - make_interval(secs => %s)".encode(), [days * 86_400]
                    )
            # The two moments of one step stay the same.
            connection.execute(
                "UPDATE memberships m SET removed_at = removed_at - make_interval(secs => %s)"
                " WHERE removed_at IS NOT NULL",
                [days * 86_400],
            )

    def carry_out(self) -> None:
        """The waiting time passes, the job runs, an hour passes, the job runs again."""
        self.pass_by(7.01)
        carry_out_due()
        self.pass_by(0.05)
        carry_out_due()


def rows_of(servers: Servers, organization_id: UUID) -> dict[str, int]:
    """How many rows each table still has of an organization, sessions that look at it and its own row among them."""
    with servers.as_owner() as connection:
        tables = [
            row[0]
            for row in connection.execute(
                "SELECT table_name FROM information_schema.columns"
                " WHERE table_schema = 'public' AND column_name = 'organization_id'"
            )
        ]
        counts = {
            table: connection.execute(
                f"SELECT count(*) FROM {table} WHERE organization_id = %s".encode(), [organization_id]
            ).fetchone()
            for table in tables
        }
        counts["organizations"] = connection.execute(
            "SELECT count(*) FROM organizations WHERE id = %s", [organization_id]
        ).fetchone()
    return {table: row[0] for table, row in counts.items() if row and row[0]}


def stored_files(servers: Servers, organization_id: UUID) -> list[str]:
    """What is in the file store of an organization, folders too."""
    folder = servers.folder / "blobs" / str(organization_id)
    return sorted(path.name for path in folder.rglob("*")) + ([folder.name] if folder.exists() else [])
