"""Everything that background work rests on fails by chance while documents come in.

None is lost, none is done twice, and the model's answers are paid once.

The long form: `--rounds 5 --seconds-of-faults 60 --seed-of-faults 7`. After each round all must have settled.
"""

import statistics
import time
from collections.abc import Iterator

import pytest

from clasio_backend.core.redis import JOBS_DATABASE, shared
from tests import cast
from tests.cast import Actor
from tests.fakes.gemini import Answer, Asked, GeminiServer
from tests.faults.bookkeeping import (
    Feeder,
    claims_noted,
    expect_each_done_once,
    expect_paid_once,
    seconds_to_run_again,
    wait_until_settled,
)
from tests.faults.engine import Engine
from tests.gemini import set_up
from tests.servers import Servers
from tests.worker import Worker

pytestmark = pytest.mark.faults

EVERYTHING = {
    "kill_worker": 6,
    "kill_child": 8,
    "kill_control": 2,
    "kill_scheduler": 2,
    "flush_redis": 2,
    "double_wake_ups": 2,
    "kill_valkey": 1,
    "hang_redis": 1,
    "kill_postgres": 1,
    "restart_postgres": 1,
}
THINKS_SECONDS = 0.2
KILLS = {"kill_worker": 1, "kill_child": 2}


@pytest.fixture
def gemini(servers: Servers) -> Iterator[GeminiServer]:
    """A model that thinks for long enough that workers die while they wait for it."""
    with set_up("gemini") as server:
        answer = server.usual

        def think(asked: Asked) -> Answer:
            time.sleep(THINKS_SECONDS)
            return answer(asked)

        server.usual = think
        yield server


@pytest.fixture
def actors(gemini: GeminiServer, worker: Worker) -> list[Actor]:
    """Two organizations, so that claims have to choose; their plan has room for as many analyses as a run can make."""
    return [cast.owner(plan="business"), cast.owner(plan="business")]


@pytest.fixture
def engine(servers: Servers, actors: list[Actor], pytestconfig: pytest.Config) -> Iterator[Engine]:
    shared(JOBS_DATABASE).flushdb()
    hang_seconds = min(60.0, pytestconfig.getoption("seconds_of_faults") / 4)
    engine = Engine(servers, pytestconfig.getoption("seed_of_faults"), hang_seconds)
    engine.start()
    yield engine
    statuses = engine.stop()
    shared(JOBS_DATABASE).flushdb()
    assert set(statuses.values()) <= {0, -15}, statuses


def fail_by_chance(
    engine: Engine, actors: list[Actor], gemini: GeminiServer, weights: dict[str, int], seconds: float
) -> None:
    feeder = Feeder(engine.servers, actors)
    with claims_noted(engine.servers):
        feeder.start()
        while not feeder.acknowledged:
            time.sleep(0.1)
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            time.sleep(engine.chance.uniform(0.1, 0.8))
            engine.one_of(weights)
        feeder.stop()
        settled = wait_until_settled(engine.servers)
        again = seconds_to_run_again(engine.servers)
    outcomes = expect_each_done_once(engine.servers, feeder.acknowledged)
    expect_paid_once(engine.servers, {actor.organization_id for actor in actors})
    print(  # noqa: T201  # the long form's figures
        f"\n{dict(engine.happened)}; {len(feeder.acknowledged)} documents acknowledged, {feeder.failed_hand_ins}"
        f" hand-ins failed; outcomes {outcomes}; settled after {settled:.0f} s;"
        f" the model was asked {len(gemini.asked)} times; {len(again)} times a job lost its"
        f" worker and was taken up again after {statistics.median(again or [0.0]):.1f} s (median),"
        f" {max(again, default=0.0):.1f} s (most)"
    )


def test_nothing_is_lost_or_doubled_when_things_fail_again_and_again(
    engine: Engine, actors: list[Actor], gemini: GeminiServer, pytestconfig: pytest.Config
) -> None:
    weights = KILLS if pytestconfig.getoption("only_kills") else EVERYTHING
    for _ in range(pytestconfig.getoption("rounds")):
        fail_by_chance(engine, actors, gemini, weights, pytestconfig.getoption("seconds_of_faults"))
