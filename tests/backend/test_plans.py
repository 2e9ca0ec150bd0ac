"""Another plan: by the operator's command or by billing, never by anybody inside the organization."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from typer.testing import CliRunner

from clasio_backend.cli.admin import admin_app, set_plan
from clasio_backend.core.errors import NotFound, ValidationFailed
from clasio_backend.core.ids import new_id
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.documents.trash import trash_document
from clasio_backend.usage import service
from tests import cast, factories
from tests.cast import Actor
from tests.servers import Servers


@pytest.fixture
def free(servers: Servers) -> Actor:
    return cast.owner("Fred Free", plan="free")


def plan_of(actor: Actor) -> str:
    with unit_of_work(actor.scope) as uow:
        return service.read_usage(uow).plan


def changes(servers: Servers, actor: Actor) -> list[tuple[str, dict[str, str]]]:
    with servers.as_owner() as connection:
        return connection.execute(
            "SELECT actor, details FROM activity WHERE organization_id = %s AND action = 'organization.plan_changed'",
            [actor.organization_id],
        ).fetchall()


def test_the_command_sets_the_plan_and_prints_json(free: Actor, servers: Servers) -> None:
    done = CliRunner().invoke(admin_app, ["set-plan", "--organization", str(free.organization_id), "--plan", "pro"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.output) == {
        "organization_id": str(free.organization_id),
        "plan": "pro",
        "plan_before": "free",
    }
    assert plan_of(free) == "pro"
    assert changes(servers, free) == [("system", {"before": "free", "after": "pro"})]


def test_the_same_plan_again_is_no_change(free: Actor, servers: Servers) -> None:
    assert set_plan(free.organization_id, "free")["plan_before"] == "free"
    assert changes(servers, free) == []


def test_a_plan_or_an_organization_that_is_not_there_changes_nothing(free: Actor, servers: Servers) -> None:
    with pytest.raises(ValidationFailed, match="no plan gold"):
        set_plan(free.organization_id, "gold")
    with pytest.raises(NotFound):
        set_plan(new_id(), "pro")
    assert (plan_of(free), changes(servers, free)) == ("free", [])


def test_nobody_inside_the_organization_can_change_the_plan(free: Actor) -> None:
    for actor in (free, cast.member_of(free)):
        with pytest.raises(NotFound), unit_of_work(actor.scope) as uow:
            service.set_plan(uow, "business")
    assert plan_of(free) == "free"


def test_a_change_of_plan_amid_uploads_and_removals_stops_none_of_them(free: Actor) -> None:
    """All three lock the organization's rows, in orders of their own: none may wait for another in a circle."""

    def come_and_go(number: int) -> None:
        for turn in range(8):
            document = factories.upload(free.scope, content=f"{number} {turn} {new_id()}")
            with unit_of_work(free.scope) as uow:
                trash_document(uow, document.id)

    def change(number: int) -> None:
        for turn in range(12):
            set_plan(free.organization_id, ("pro", "business")[(number + turn) % 2])

    with ThreadPoolExecutor(8) as pool:
        going_on = [pool.submit(come_and_go, number) for number in range(6)]
        going_on += [pool.submit(change, number) for number in range(2)]
        for each in going_on:
            each.result()
