from uuid import UUID

import pytest
from sqlalchemy import text
from sqlmodel import SQLModel

import clasio_backend.models  # noqa: F401  # registers the tables
from clasio_backend.core.repository import Repository
from clasio_backend.core.scope import AnyScope, NoScope, UserScope, new_request_id
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.documents.service import get_document
from clasio_backend.documents.trash import trash_document
from tests import factories
from tests.cast import Actor

TENANT_TABLES = sorted(name for name, table in SQLModel.metadata.tables.items() if "organization_id" in table.columns)


class Look(Repository):
    def visible(self, table: str) -> int:
        return int(self._session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())

    def setting(self) -> str:
        return str(self._session.execute(text("SELECT current_setting('app.organization_id', true)")).scalar_one())

    def commit_here(self) -> None:
        self._session.commit()


def visible(scope: AnyScope, table: str) -> int:
    with unit_of_work(scope) as uow:
        return uow.repository(Look).visible(table)


def is_trashed(actor: Actor, document_id: UUID) -> bool:
    with unit_of_work(actor.scope) as uow:
        return get_document(uow, document_id).is_trashed


def step_that_breaks(actor: Actor, document_id: UUID, calls: list[str]) -> None:
    with unit_of_work(actor.scope) as uow:
        trash_document(uow, document_id)
        uow.after_commit(lambda: calls.append("after"))
        raise ValueError("half-way")


def test_a_step_that_ends_is_committed_before_its_callbacks_run(owner: Actor) -> None:
    document = factories.upload(owner.scope)
    calls: list[bool] = []
    with unit_of_work(owner.scope) as uow:
        trash_document(uow, document.id)
        uow.after_commit(lambda: calls.append(is_trashed(owner, document.id)))
        assert not calls
    assert calls == [True]


def test_a_step_that_raises_leaves_nothing_and_drops_its_callbacks(owner: Actor) -> None:
    document = factories.upload(owner.scope)
    calls: list[str] = []
    with pytest.raises(ValueError, match="half-way"):
        step_that_breaks(owner, document.id, calls)
    assert not calls
    assert not is_trashed(owner, document.id)


def test_the_scope_is_gone_with_the_transaction(owner: Actor) -> None:
    factories.upload(owner.scope)
    with unit_of_work(owner.scope) as uow:
        look = uow.repository(Look)
        assert look.setting() == str(owner.organization_id)
        assert look.visible("documents") == 1
        look.commit_here()
        assert look.setting() == ""
        assert look.visible("documents") == 0


def test_a_connection_goes_back_to_the_pool_without_a_scope(owner: Actor) -> None:
    factories.upload(owner.scope)
    for _ in range(20):  # more steps than connections are open
        assert visible(NoScope(), "documents") == 0


@pytest.mark.parametrize("table", ["organizations", "users", "sessions", *TENANT_TABLES])
def test_nothing_is_visible_without_a_scope(owner: Actor, table: str) -> None:
    factories.upload(owner.scope)
    assert visible(NoScope(), table) == 0


def test_a_person_without_an_organization_sees_only_what_is_theirs(owner: Actor, member: Actor) -> None:
    factories.upload(owner.scope)
    scope = UserScope(member.user_id, new_request_id())
    assert visible(scope, "users") == 1
    assert visible(scope, "memberships") == 1
    assert visible(scope, "organizations") == 1
    assert visible(scope, "sessions") == 1
    assert visible(scope, "documents") == 0


def test_a_step_without_an_organization_has_no_scope_to_give(owner: Actor) -> None:
    with unit_of_work(UserScope(owner.user_id, new_request_id())) as uow, pytest.raises(TypeError):
        _ = uow.scope
