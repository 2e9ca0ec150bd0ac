"""The repositories' own filter: alone it must be enough, so these run as a role that the policies do not bind."""

from collections.abc import Iterator

import pytest
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool
from sqlmodel import Session

from clasio_backend.core.db import sqlalchemy_url
from clasio_backend.core.errors import NotFound
from clasio_backend.core.ids import new_id
from clasio_backend.core.scope import NoScope, UserScope, new_request_id
from clasio_backend.documents.repository import DocumentRepository
from clasio_backend.documents.schemas import DocumentQuery
from clasio_backend.models import Category
from clasio_backend.organizations.repository import CategoryRepository, MemberRepository, OrganizationRepository
from tests import factories
from tests.cast import Actor
from tests.servers import Servers


@pytest.fixture
def unbound(servers: Servers) -> Iterator[Session]:
    """A session of the tables' owner: it sees every row of every organization."""
    with Session(create_engine(sqlalchemy_url(servers.owner_url), poolclass=NullPool)) as session:
        yield session


def test_a_foreign_row_is_not_found(unbound: Session, owner: Actor, other_tenant: Actor) -> None:
    document = factories.upload(other_tenant.scope)
    documents = DocumentRepository(unbound, owner.scope)
    assert documents.find(document.id) is None
    with pytest.raises(NotFound):
        documents.get(document.id)
    with pytest.raises(NotFound):
        documents.get_for_update(document.id)
    with pytest.raises(NotFound):
        documents.get_listed(document.id)
    assert documents.list_by_ids([document.id]) == {}
    assert documents.find_same_bytes(document.sha256) is None


def test_lists_hold_own_rows_only(unbound: Session, owner: Actor, member: Actor, other_tenant: Actor) -> None:
    mine = factories.upload(owner.scope)
    listed = DocumentRepository(unbound, owner.scope).list_page(DocumentQuery())
    assert [row[0].id for row in listed] == [mine.id]
    people = MemberRepository(unbound, owner.scope).list_people(limit=500)
    assert {row.id for row in people} == {owner.user_id, member.user_id}
    assert len(CategoryRepository(unbound, owner.scope).list_active(limit=500)) == 19
    assert OrganizationRepository(unbound, owner.scope).get().id == owner.organization_id


def test_a_row_of_another_organization_cannot_be_added(unbound: Session, owner: Actor, other_tenant: Actor) -> None:
    with pytest.raises(NotFound):
        CategoryRepository(unbound, owner.scope).add(
            Category(organization_id=other_tenant.organization_id, id=new_id(), name="planted")
        )


@pytest.mark.parametrize("scope", [NoScope(), UserScope(new_id(), new_request_id())])
def test_a_tenant_repository_needs_a_scope(unbound: Session, scope: NoScope | UserScope) -> None:
    for repository in (DocumentRepository, CategoryRepository, OrganizationRepository):
        with pytest.raises(TypeError):
            repository(unbound, scope)
