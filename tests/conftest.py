"""What all tests share: real servers, a cast of people, and the rules of the suite (no outside world, no skips in CI).

Isolation is by new organizations, not by rollback: services commit, so each test makes its own tenants and cannot see
those of another. One pair of servers belongs to each test process, so `-n 2` needs no locks between processes.
"""

import gc
import importlib
import os
import sys
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings

from tests.lines import Lines, in_order
from tests.loopback import block_outside_world
from tests.servers import Servers, clear_settings_from_environment

if TYPE_CHECKING:
    from fastapi import FastAPI

    from tests.cast import Actor
    from tests.leaving import Calendar
    from tests.owned import Owned, Untouched
    from tests.scanning import RealClamd
    from tests.worker import Worker

settings.register_profile(
    "clasio",
    deadline=None,  # no test asserts time
    derandomize=True,  # the same examples for everybody
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.load_profile("clasio")

_skipped: list[str] = []


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--rounds", type=int, default=1, help="how often the tests of faults kill each process")
    parser.addoption("--seconds-of-faults", type=float, default=12, help="how long faults go on in one test")
    parser.addoption("--only-kills", action="store_true", help="of all faults only kills of workers and their children")
    parser.addoption("--seed-of-faults", type=int, default=1, help="which faults, in which order")


def pytest_configure(config: pytest.Config) -> None:
    block_outside_world()
    clear_settings_from_environment()
    if not hasattr(config, "workerinput") and getattr(config.option, "numprocesses", None):
        return  # the controller of xdist runs no test
    _let_the_test_client_use_httpx()
    config.stash[_SERVERS] = servers = Servers()
    os.environ.update(servers.environment)


def _let_the_test_client_use_httpx() -> None:
    """google-genai brings httpx2, which Starlette's test client would take, and schemathesis knows only httpx."""
    sys.modules["httpx2"] = None  # type: ignore[assignment]  # so that its import fails
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        importlib.import_module("starlette.testclient")
    del sys.modules["httpx2"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items[:] = in_order(items)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Lines:
    config.option.loadscopereorder = False  # `in_order` knows better than the number of tests
    return Lines(config, log)


def pytest_unconfigure(config: pytest.Config) -> None:
    if _SERVERS in config.stash:
        config.stash[_SERVERS].remove()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.skipped and not hasattr(report, "wasxfail"):
        _skipped.append(report.nodeid)


def pytest_collectreport(report: pytest.CollectReport) -> None:
    if report.skipped:
        _skipped.append(report.nodeid)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """With CI set, a test that did not run is a failure: the machine there has everything."""
    if os.environ.get("CI") and _skipped and not hasattr(session.config, "workerinput"):
        print(f"\nCI is set and these were skipped: {', '.join(_skipped)}", file=sys.stderr)  # noqa: T201
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


_SERVERS = pytest.StashKey[Servers]()


@pytest.fixture(scope="session")
def servers(request: pytest.FixtureRequest) -> Iterator[Servers]:
    """Postgres with today's schema, and Valkey, for this test process."""
    running = request.config.stash[_SERVERS]
    running.start()
    yield running
    from clasio_backend.core.db import dispose_engine  # noqa: PLC0415  # only when a test used the database

    dispose_engine()
    gc.collect()
    running.stop()


@pytest.fixture(scope="session", autouse=True)
def _no_reader_left_behind() -> Iterator[None]:
    yield
    reading = sys.modules.get("clasio_backend.documents.reading")
    if reading is not None:
        reading.shut_down()


@pytest.fixture(scope="session")
def clamd() -> Iterator["RealClamd"]:
    """A real scanner, started when a test first wants it; `scanner` switches it on for one test."""
    from tests.scanning import RealClamd  # noqa: PLC0415  # few tests need it

    running = RealClamd()
    running.start()
    yield running
    running.remove()


@pytest.fixture
def scanner(clamd: "RealClamd", monkeypatch: pytest.MonkeyPatch) -> Iterator["RealClamd"]:
    """Every file is scanned by the real clamd during this test; one that a test has killed is started again."""
    from clasio_backend.core.config import get_settings  # noqa: PLC0415  # as above

    monkeypatch.setenv("SCANNER", "clamd")
    monkeypatch.setenv("CLAMD_URL", clamd.url)
    get_settings.cache_clear()
    yield clamd
    monkeypatch.undo()
    get_settings.cache_clear()
    if clamd.process is None:
        clamd.start()


@pytest.fixture(scope="session")
def app(servers: Servers) -> "FastAPI":
    """The HTTP side, as the web process builds it."""
    from clasio_backend.http.app import build_api  # noqa: PLC0415  # unit tests need none of it

    return build_api()


@pytest.fixture
def owner(servers: Servers) -> "Actor":
    """Owner of an organization of this test's own."""
    from tests import cast  # noqa: PLC0415

    return cast.owner()


@pytest.fixture
def member(owner: "Actor") -> "Actor":
    """A colleague of `owner`, with the role member."""
    from tests import cast  # noqa: PLC0415

    return cast.member_of(owner)


@pytest.fixture
def outsider(servers: Servers) -> "Actor":
    """Signed in, but a stranger to `owner`'s organization; has an empty one."""
    from tests import cast  # noqa: PLC0415

    return cast.owner("Oscar Outsider")


@pytest.fixture
def operator(servers: Servers) -> "Actor":
    """Runs the instance, and is a stranger to `owner`'s organization."""
    from tests import cast  # noqa: PLC0415

    return cast.operator()


@pytest.fixture
def other_tenant(servers: Servers) -> "Actor":
    """Owner of another organization, which has documents of its own."""
    from tests import cast  # noqa: PLC0415

    return cast.other_tenant()


@pytest.fixture
def worker(servers: Servers) -> "Worker":
    """Runs due jobs in this process; jobs that earlier tests left are out of its way."""
    from tests.worker import Worker  # noqa: PLC0415

    return Worker(servers)


@pytest.fixture
def owned(owner: "Actor", worker: "Worker") -> "Owned":
    """What nobody but `owner`'s organization may see."""
    from tests.owned import belongings  # noqa: PLC0415

    return belongings(owner, worker)


@pytest.fixture
def untouched(servers: Servers, owner: "Actor", owned: "Owned") -> "Untouched":
    """Remembers all that `owner`'s organization has, once `owned` is there."""
    from tests.owned import Untouched  # noqa: PLC0415

    return Untouched(servers, owner.organization_id)


@pytest.fixture(scope="module")
def bystander(servers: Servers) -> "Actor":
    """An owner for all tests of a module: they prove that nothing of this owner's is seen or changed by others."""
    from tests import cast  # noqa: PLC0415

    return cast.owner()


@pytest.fixture(scope="module")
def bystanders(servers: Servers, bystander: "Actor") -> "Owned":
    """What nobody but `bystander`'s organization may see."""
    from tests.owned import belongings  # noqa: PLC0415
    from tests.worker import Worker  # noqa: PLC0415

    return belongings(bystander, Worker(servers))


@pytest.fixture(scope="module")
def bystanders_untouched(servers: Servers, bystander: "Actor", bystanders: "Owned") -> "Untouched":
    """Remembers all that `bystander`'s organization has."""
    from tests.owned import Untouched  # noqa: PLC0415

    return Untouched(servers, bystander.organization_id)


@pytest.fixture(params=["policies alone", "filter alone"])
def one_guard(request: pytest.FixtureRequest, servers: Servers) -> Iterator[str]:
    """Of what keeps organizations apart only one, first the database's policies, then the repositories' filter."""
    from tests.guards import ONE_GUARD  # noqa: PLC0415

    with ONE_GUARD[request.param](servers):
        yield request.param


@pytest.fixture
def calendar(servers: Servers) -> "Calendar":
    """Lets days pass for what waits for its deletion."""
    from tests.leaving import Calendar  # noqa: PLC0415

    return Calendar(servers)


@pytest.fixture
def empty_instance(servers: Servers) -> Servers:
    """An instance in which nobody exists yet, as at the first run."""
    servers.empty()
    return servers
