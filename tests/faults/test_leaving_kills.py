"""Deletions that die at each of their steps, by an error and by kill -9, and are resumed: always the same end."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from uuid import UUID

import pytest

from clasio_backend.core.scope import AnyScope
from clasio_backend.core.unit_of_work import UnitOfWork, unit_of_work
from clasio_backend.documents.schemas import DocumentQuery
from clasio_backend.documents.service import list_documents
from clasio_backend.documents.trash import count_trash
from clasio_backend.integrations.storage import get_blob_store
from clasio_backend.leaving import account, organization, purge
from clasio_backend.leaving.due import carry_out_due
from clasio_backend.organizations.invites import invite
from clasio_backend.organizations.schemas import NewInvite
from clasio_backend.sharing import service as sharing
from clasio_backend.sharing.schemas import NewShare
from clasio_backend.sharing.service import list_shares, share_document
from tests import cast, factories
from tests.architecture.sources import PROJECT
from tests.cast import Actor
from tests.leaving import Calendar, ask_account, ask_organization, rows_of, stored_files
from tests.owned import Untouched
from tests.servers import Servers

pytestmark = pytest.mark.faults

SMALL = 6
KILLED_AT = (1, 2, 3, 5, 8, 12, 16)
DYING = """
import os, signal, sys
from contextlib import contextmanager
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.leaving import account, due, organization, purge

left = int(sys.argv[1])
purge.BATCH = account.BATCH = 6

@contextmanager
def dying(scope):
    global left
    with unit_of_work(scope) as uow:
        yield uow
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)  # with the transaction open

purge.unit_of_work = account.unit_of_work = organization.unit_of_work = dying
due.carry_out_due()
"""


class Killed(BaseException):
    """Nothing that the code itself would catch."""


class Death:
    """Comes after so many steps: a transaction that has committed, or a look at the file store."""

    def __init__(self, steps: int) -> None:
        self.left = steps

    def step(self) -> None:
        self.left -= 1
        if self.left == 0:
            raise Killed

    @contextmanager
    def unit_of_work(self, scope: AnyScope) -> Iterator[UnitOfWork]:
        with unit_of_work(scope) as uow:
            yield uow
        self.step()


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a little organization takes many."""
    monkeypatch.setattr(purge, "BATCH", SMALL)
    monkeypatch.setattr(account, "BATCH", 2)
    monkeypatch.setattr(sharing, "REVOKE_BATCH", 2)


def carry_out_and_die(steps: int) -> bool:
    """Whether it died: False when there were fewer steps."""
    death = Death(steps)
    store = get_blob_store()
    remove = store.delete_some

    def delete_some(organization_id: UUID, batch: int) -> int:
        removed = remove(organization_id, batch)
        death.step()
        return removed

    with pytest.MonkeyPatch.context() as patch:
        for module in (purge, account, organization):
            patch.setattr(module, "unit_of_work", death.unit_of_work)
        patch.setattr(store, "delete_some", delete_some)
        try:
            carry_out_due()
        except Killed:
            return True
    return False


def furnished(actor: Actor) -> Actor:
    for number in range(4):
        document = factories.upload(actor.scope, f"{number}.txt")
        with unit_of_work(actor.scope) as uow:
            share_document(uow, document.id, NewShare())
    return actor


def with_an_invite(actor: Actor) -> Actor:
    with unit_of_work(actor.scope) as uow:
        invite(uow, NewInvite(email=factories.new_email("ina")))
    return actor


def ready_to_purge(calendar: Calendar) -> Actor:
    actor = with_an_invite(furnished(cast.owner()))
    cast.member_of(actor)
    ask_organization(actor)
    calendar.pass_by(7.01)
    carry_out_due()
    calendar.pass_by(0.05)
    return actor


def test_a_purge_that_dies_at_any_step_ends_in_nothing(
    servers: Servers, calendar: Calendar, other_tenant: Actor, small_steps: None
) -> None:
    theirs = Untouched(servers, other_tenant.organization_id)
    stored = stored_files(servers, other_tenant.organization_id)
    steps, dies, half_done = 0, True, 0
    while dies:
        steps += 1
        actor = ready_to_purge(calendar)
        dies = carry_out_and_die(steps)
        half_done += bool(rows_of(servers, actor.organization_id))
        carry_out_due()
        assert rows_of(servers, actor.organization_id) == {}, f"after {steps} steps"
        assert stored_files(servers, actor.organization_id) == []
    assert half_done > 15
    theirs.check("purges that died")
    assert stored_files(servers, other_tenant.organization_id) == stored


def test_an_account_that_dies_at_any_step_of_its_deletion_ends_the_same(
    servers: Servers, calendar: Calendar, owner: Actor, small_steps: None
) -> None:
    kept = [factories.upload(owner.scope, f"ours {number}.txt").id for number in range(2)]
    steps, dies, gone = 0, True, 0
    while dies:
        steps += 1
        leaver = furnished(cast.member_of(owner))
        gone += 4
        alone = factories.new_organization(leaver.user_id, "Theirs alone")
        ask_account(leaver, "go")
        calendar.pass_by(7.01)
        dies = carry_out_and_die(steps)
        carry_out_due()
        calendar.pass_by(0.05)
        carry_out_due()
        with unit_of_work(owner.scope) as uow:
            assert {row.id for row in list_documents(uow, DocumentQuery()).items} == set(kept), f"after {steps} steps"
            assert count_trash(uow) == gone
            assert list_shares(uow) == []
        assert rows_of(servers, alone) == {}
        with servers.as_owner() as connection:
            row = connection.execute(
                "SELECT name, password_hash, deletion_due_at, is_active FROM users WHERE id = %s", [leaver.user_id]
            ).fetchone()
            left = connection.execute(
                "SELECT (SELECT count(*) FROM shares WHERE created_by = %(id)s AND revoked_at IS NULL),"
                " (SELECT count(*) FROM api_tokens WHERE user_id = %(id)s),"
                " (SELECT count(*) FROM sessions WHERE user_id = %(id)s),"
                " (SELECT count(*) FROM memberships WHERE user_id = %(id)s AND is_active)",
                {"id": leaver.user_id},
            ).fetchone()
        assert row == ("Former member", None, None, False), f"after {steps} steps"
        assert left == (0, 0, 0, 0), f"after {steps} steps"
    assert steps > 6


@pytest.mark.parametrize("steps", KILLED_AT)
def test_kill_9_with_a_transaction_open(servers: Servers, calendar: Calendar, owner: Actor, steps: int) -> None:
    actor = ready_to_purge(calendar)
    leaver = furnished(cast.member_of(owner))
    ask_account(leaver, "go")
    calendar.pass_by(7.01)
    done = subprocess.run(
        [sys.executable, "-c", DYING, str(steps)],
        cwd=PROJECT,
        env=os.environ | {"PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    carry_out_due()
    calendar.pass_by(0.05)
    carry_out_due()
    assert rows_of(servers, actor.organization_id) == {}
    assert stored_files(servers, actor.organization_id) == []
    with unit_of_work(owner.scope) as uow:
        assert list_documents(uow, DocumentQuery()).items == ()
        assert count_trash(uow) == 4
        assert list_shares(uow) == []


def test_two_workers_at_once_end_in_the_same(servers: Servers, calendar: Calendar, small_steps: None) -> None:
    """A run that outlives its lease is taken by a second worker while the first goes on."""
    actor = ready_to_purge(calendar)
    with ThreadPoolExecutor(3) as threads:
        list(threads.map(lambda _: carry_out_due(), range(3)))
    assert rows_of(servers, actor.organization_id) == {}
    assert stored_files(servers, actor.organization_id) == []
