"""The switches of `tests.guards` do what they say: without them "one guard alone is enough" would prove nothing."""

import importlib
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from clasio_backend.core.errors import NotFound
from clasio_backend.core.repository import ScopedRepository
from clasio_backend.core.scope import Scope
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.documents.repository import DocumentRepository
from clasio_backend.documents.schemas import DocumentQuery
from clasio_backend.sharing import visits
from clasio_backend.sharing.schemas import NewShare
from clasio_backend.sharing.service import share_document
from tests import factories
from tests.architecture.sources import PROJECT
from tests.cast import Actor
from tests.guards import ONE_GUARD, without_filter, without_policies
from tests.servers import Servers


def names_seen(scope: Scope) -> set[str]:
    with unit_of_work(scope) as uow:
        return {row[0].name for row in uow.repository(DocumentRepository).list_page(DocumentQuery(limit=200))}


@pytest.fixture
def visitor(owner: Actor) -> Scope:
    """Came by a share of `shared.txt`."""
    shared = factories.upload(owner.scope, "shared.txt")
    factories.upload(owner.scope, "hidden.txt")
    with unit_of_work(owner.scope) as uow:
        link = share_document(uow, shared.id, NewShare(access="editor")).link
    return visits.open_share(link.rsplit("/", 1)[1], None).scope


def test_with_both_guards_off_a_stranger_sees_everything(
    servers: Servers, owner: Actor, other_tenant: Actor, visitor: Scope
) -> None:
    with ExitStack() as off:
        off.enter_context(without_filter(servers))
        off.enter_context(without_policies(servers))
        assert {"shared.txt", "hidden.txt"} <= names_seen(other_tenant.scope)
        assert {"hidden.txt", "secret plan.txt"} <= names_seen(visitor)


def test_with_one_guard_a_stranger_sees_nothing(one_guard: str, visitor: Scope, other_tenant: Actor) -> None:
    assert names_seen(other_tenant.scope) == {"secret plan.txt", "second secret.txt"}
    assert names_seen(visitor) == {"shared.txt"}


@pytest.mark.parametrize("name", ONE_GUARD)
def test_afterwards_the_guard_is_on_again(servers: Servers, owner: Actor, other_tenant: Actor, name: str) -> None:
    document = factories.upload(owner.scope)
    with ONE_GUARD[name](servers):
        pass
    with servers.as_app() as connection:
        assert connection.execute("SELECT count(*) FROM documents").fetchone() == (0,)
    with without_policies(servers), unit_of_work(other_tenant.scope) as uow, pytest.raises(NotFound):
        uow.repository(DocumentRepository).get(document.id)


def scoped_repositories() -> Iterator[type[ScopedRepository[Any]]]:
    for path in sorted((PROJECT / "clasio_backend").glob("*/repository.py")):
        importlib.import_module(f"clasio_backend.{path.parent.name}.repository")
    yield from ScopedRepository.__subclasses__()


def test_repositories_know_of_which_tables_a_visitor_sees_one_document(servers: Servers) -> None:
    """The database's restrictive policies name the tables; the repositories' own filter must cover the same."""
    with servers.as_owner() as connection:
        rows = connection.execute("SELECT tablename, qual FROM pg_policies WHERE policyname = 'shared_document_only'")
        columns = {str(table): "document_id" if "document_id =" in rule else "id" for table, rule in rows}
    assert columns
    repositories = list(scoped_repositories())
    assert len(repositories) >= len(columns)
    wanted = {each.__name__: columns.get(str(each.model.__tablename__), "") for each in repositories}
    assert {each.__name__: each.document_column for each in repositories} == wanted
