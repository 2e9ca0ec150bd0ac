"""The processes that do background work, on the tests' own servers, and the faults that happen to them.

What dies is started again at once: a supervisor's growing pauses would leave little to kill.
"""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress

import psutil
from redis import Redis

from clasio_backend.cli.embedded.process import kill_group
from clasio_backend.core.job_queue import RUN_DUE, QueueName, rq_queue
from tests.architecture.sources import PROJECT
from tests.servers import Servers

WORKER = ("-m", "jobs.worker", "--queues")
PROGRAMS: dict[str, Sequence[str]] = {
    "worker 1": (*WORKER, "read,fast"),
    "worker 2": (*WORKER, "fast,read"),
    "worker 3": (*WORKER, "control,read,fast,thorough,sync,bulk"),
    "control": ("-m", "jobs.control"),
    "scheduler": ("-m", "jobs.schedules"),
    "second scheduler": ("-m", "jobs.schedules"),
}
LOOK_SECONDS = 0.05


class Engine:
    """`running` by name; `happened` counts the faults."""

    def __init__(self, servers: Servers, seed: int, hang_seconds: float) -> None:
        self.servers = servers
        self.chance = random.Random(seed)
        self.hang_seconds = hang_seconds
        self.happened: Counter[str] = Counter()
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self._over = threading.Event()
        self._log = (servers.folder / "engine.log").open("ab")
        self._keeper = threading.Thread(target=self._keep_running, daemon=True)

    def start(self) -> None:
        for name in PROGRAMS:
            self._spawn(name)
        self._keeper.start()

    def stop(self) -> dict[str, int]:
        """Asks all to end; returns their exit statuses."""
        self._over.set()
        self._keeper.join()
        for process in self.running.values():
            process.send_signal(signal.SIGTERM)
        statuses = {name: process.wait(60) for name, process in self.running.items()}
        self._log.close()
        return statuses

    def _spawn(self, name: str) -> None:
        self.running[name] = subprocess.Popen(
            [sys.executable, *PROGRAMS[name]],
            env=os.environ | self.servers.environment | {"PYTHONPATH": str(PROJECT)},
            cwd=self.servers.folder,
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
        )

    def _keep_running(self) -> None:
        while not self._over.wait(LOOK_SECONDS):
            for name, process in list(self.running.items()):
                if process.poll() is not None:
                    kill_group(process.pid)
                    self._spawn(name)

    def kill_worker(self) -> bool:
        """One that works: one that is still starting has nothing to lose."""
        working = [name for name in PROGRAMS if name.startswith("worker") and self._children(name)]
        return bool(working) and self._kill(self.chance.choice(working))

    def kill_child(self) -> bool:
        """One of the processes below a worker: the fork server of the reading sandbox, or what reads a file now."""
        children = [child for name in PROGRAMS if name.startswith("worker") for child in self._children(name)]
        with suppress(psutil.Error, IndexError):
            self.chance.choice(children).kill()
            return True
        return False

    def _children(self, name: str) -> list[psutil.Process]:
        with suppress(psutil.Error):
            return psutil.Process(self.running[name].pid).children(recursive=True)
        return []

    def kill_control(self) -> bool:
        return self._kill("control")

    def kill_scheduler(self) -> bool:
        return self._kill(self.chance.choice(["scheduler", "second scheduler"]))

    def _kill(self, name: str) -> bool:
        process = self.running[name]
        if process.poll() is not None:
            return False
        process.kill()
        return True

    def flush_redis(self) -> bool:
        with Redis.from_url(self.servers.valkey.url) as redis:
            redis.flushall()
        return True

    def double_wake_ups(self) -> bool:
        """Far more than there is to do, past what `wake` would send."""
        for queue in (QueueName.READ, QueueName.FAST, QueueName.CONTROL):
            for _ in range(10):
                rq_queue(queue).enqueue(RUN_DUE, queue.value, result_ttl=0, failure_ttl=60, job_timeout=-1, ttl=600)
        return True

    def kill_valkey(self) -> bool:
        assert self.servers.valkey.process is not None
        self.servers.valkey.process.kill()
        self.servers.valkey.process.wait()
        self.servers.valkey.start()
        return True

    def hang_redis(self) -> bool:
        with self.servers.hanging_redis():
            time.sleep(self.hang_seconds)
        return True

    def kill_postgres(self) -> bool:
        assert self.servers.postgres.process is not None
        self.servers.postgres.process.kill()
        self.servers.postgres.process.wait()
        self.servers.postgres.start()
        return True

    def restart_postgres(self) -> bool:
        self.servers.postgres.stop()
        self.servers.postgres.start()
        return True

    def happen(self, fault: Callable[[], bool]) -> None:
        if fault():
            self.happened[fault.__name__] += 1

    def one_of(self, weights: dict[str, int]) -> None:
        """Lets one fault happen, chosen by chance."""
        (name,) = self.chance.choices(list(weights), list(weights.values()))
        self.happen(getattr(self, name))
