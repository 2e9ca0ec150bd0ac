"""Several hosts: web and scheduler here, two workers on hosts of their own; one falls off the network mid-job."""

import signal
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from uuid import UUID

import httpx
import psycopg
import pytest
from redis import Redis

from clasio_backend.cli.embedded.postgres import SETTINGS
from clasio_backend.cli.embedded.process import free_port
from clasio_backend.core.db import dispose_engine
from tests.cast import Actor
from tests.faults.bookkeeping import expect_each_done_once
from tests.jobs.processes import PATIENCE_SECONDS, background, wait_for
from tests.network import Switch, switch
from tests.servers import Servers
from tests.worker import Worker

pytestmark = pytest.mark.faults
CLASIO = ("-m", "clasio_backend.cli")
DOCUMENTS = 6


@pytest.fixture
def network() -> Iterator[Switch]:
    with switch(hosts=2) as made:
        yield made


@contextmanager
def reachable(servers: Servers, network: Switch) -> Iterator[Mapping[str, str]]:
    """The servers listen on the switch too; these are the settings of hosts on it."""
    rules = servers.folder / "postgres" / "data" / "pg_hba.conf"
    before = rules.read_text()
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(SETTINGS, "listen_addresses", f"127.0.0.1,{network.address}")
        rules.write_text(f"{before}\nhost all all {network.subnet} scram-sha-256\n")
        _start_again(servers, f"127.0.0.1 {network.address}")
        try:
            yield {
                name: servers.environment[name].replace("@127.0.0.1:", f"@{network.address}:")
                for name in ("DATABASE_URL", "REDIS_URL")
            }
        finally:
            rules.write_text(before)
            patch.undo()
            _start_again(servers, "127.0.0.1")


def _start_again(servers: Servers, addresses: str) -> None:
    dispose_engine()
    servers.postgres.stop()
    servers.postgres.start()
    with Redis.from_url(servers.valkey.url) as redis:
        redis.config_set("bind", addresses)


def upload(client: httpx.Client, number: int) -> UUID:
    answer = client.post("/api/v1/documents", files={"file": (f"{number}.txt", f"This is lantern {number}.".encode())})
    assert answer.status_code == httpx.codes.CREATED, answer.text
    return UUID(answer.json()["id"])


def kinds(servers: Servers) -> list[str]:
    with servers.as_owner() as connection:
        return [row[0] for row in connection.execute("SELECT kind FROM workers ORDER BY kind").fetchall()]


def hosts_in_the_middle(servers: Servers, blocking: psycopg.Connection) -> set[str]:
    """The addresses from which somebody waits for what `blocking` has locked; only a superuser sees them."""
    with psycopg.connect(servers.superuser_url) as connection:
        rows = connection.execute(
            "SELECT host(client_addr) FROM pg_stat_activity WHERE %s = ANY (pg_blocking_pids(pid))",
            [blocking.info.backend_pid],
        ).fetchall()
    return {row[0] for row in rows}


def is_ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz").status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


def test_a_worker_that_falls_off_the_network_in_the_middle_of_a_job_loses_nothing_and_doubles_nothing(
    owner: Actor, worker: Worker, servers: Servers, network: Switch, tmp_path: Path
) -> None:
    lost, other = network.hosts
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with ExitStack() as stack:
        settings = stack.enter_context(reachable(servers, network))
        with servers.as_owner() as connection:
            connection.execute("DELETE FROM workers")
        web = (*CLASIO, "web", "--port", str(port), "--data", str(tmp_path))
        for command in (web, (*CLASIO, "scheduler", "--data", str(tmp_path))):
            stack.enter_context(background(servers, *command, log="network.log"))
        work = (*CLASIO, "worker", "--queues", "read,fast", "--data", str(tmp_path))
        processes = {
            host: stack.enter_context(
                background(servers, *work, log=f"{host.name}.log", environment=settings, on=host.command)
            )
            for host in network.hosts
        }
        client = stack.enter_context(
            httpx.Client(base_url=url, headers={"Authorization": f"Bearer {owner.api_token}"}, timeout=30)
        )
        wait_for(lambda: kinds(servers) == ["control", "scheduler", "worker", "worker"])
        wait_for(lambda: is_ready(url))

        def states() -> list[str]:
            return sorted(job["state"] for job in worker.jobs_of(owner.organization_id))

        with servers.as_owner() as blocking, blocking.transaction():
            blocking.execute("LOCK TABLE analyses IN SHARE MODE")  # both have analysed, and want to write
            documents = [upload(client, number) for number in range(DOCUMENTS)]
            wait_for(lambda: hosts_in_the_middle(servers, blocking) == {host.address for host in network.hosts})
            lost.unplug()
        wait_for(lambda: states() == ["succeeded"] * 2 * DOCUMENTS)  # each is read, then analysed: by the other host
        lost.plug_in()
        processes[other].send_signal(signal.SIGTERM)
        assert processes[other].wait(PATIENCE_SECONDS) == 0
        documents.append(upload(client, DOCUMENTS))
        wait_for(lambda: states() == ["succeeded"] * 2 * (DOCUMENTS + 1))  # by the one that was lost
        expect_each_done_once(servers, dict.fromkeys(documents, owner.organization_id))
        assert sorted(job["lost_leases"] for job in worker.jobs_of(owner.organization_id))[-2:] == [0, 1]
