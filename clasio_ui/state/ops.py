"""Ops: what is wrong and what to do, live. Every event asks anew whether the person is an operator."""

from typing import Any

import reflex as rx
from pydantic import ValidationError

from clasio_backend.accounts.errors import CannotEnter
from clasio_backend.core.errors import NotFound, NotSignedIn
from clasio_backend.core.job_queue import QueueName
from clasio_backend.ops.access import Operator
from clasio_backend.ops.controls import pause_queue, pause_schedule, resume_queue, resume_schedule, run_schedule
from clasio_backend.ops.dead import (
    drop_dead_job,
    drop_dead_jobs,
    list_dead_jobs,
    retry_dead_job,
    retry_dead_jobs,
)
from clasio_backend.ops.rescans import start_rescan
from clasio_backend.ops.schemas import (
    Changed,
    DeadFilter,
    DeadPage,
    DeadQuery,
    NewRescan,
    OpsQuery,
    OpsRow,
    RescanRow,
    VersionRow,
)
from clasio_backend.ops.security import list_security_events
from clasio_backend.ops.service import read_ops, read_versions
from clasio_ui import bridge
from clasio_ui.state.frame import FrameState, elsewhere
from clasio_ui.state.operating import (
    DeadItem,
    EventItem,
    KindItem,
    ProblemItem,
    QueueItem,
    RunningItem,
    ScheduleItem,
    WorkerItem,
    dead_item,
    event_items,
    kind_item,
    queue_item,
    running_item,
    scanner_words,
    schedule_item,
    worker_item,
)
from clasio_ui.state.paged import Paged
from clasio_ui.state.screen import Screen

ALL_ACTIONS = {"retry_all", "drop_all"}


class OpsState(Screen, Paged, rx.State):
    problems: list[ProblemItem] = []
    queues: list[QueueItem] = []
    running: list[RunningItem] = []
    kinds: list[KindItem] = []
    dead: list[DeadItem] = []
    dead_count: int = 0
    schedules: list[ScheduleItem] = []
    workers: list[WorkerItem] = []
    versions: list[str] = []
    scanner: str = ""
    can_scan: bool = False
    has_not_scanned: bool = False
    kind: str = ""
    asking: str = ""
    """`retry_all`, `drop_all`, `drop` or nothing: what the open dialog asks about."""
    asked_id: str = ""
    asked_kind: str = ""

    @rx.event
    async def load(self):
        self._to_first_page()
        self.kind, self.asking, self.asked_id, self.asked_kind = "", "", "", ""
        await self._refresh()

    async def _fetch(self) -> None:
        wanted = DeadQuery(kind=self.kind or None, cursor=self._cursor)
        ops, page, versions = await bridge.as_operator(self, _everything, wanted)
        counted = [row.jobs for row in ops.dead if self.kind in {"", row.kind}]
        self._show(
            problems=[ProblemItem(row.code, row.tone, row.says, row.fix) for row in ops.problems],
            queues=[queue_item(row) for row in ops.queues],
            running=[running_item(row) for row in ops.running],
            kinds=[kind_item(row) for row in ops.dead],
            dead=[dead_item(row) for row in page.items],
            dead_count=sum(counted),
            schedules=[schedule_item(row) for row in ops.schedules],
            workers=[worker_item(row) for row in ops.workers],
            scanner=scanner_words(ops.scanner),
            can_scan=ops.scanner.is_on,
            has_not_scanned=ops.scanner.not_scanned > 0,
            versions=[f"{row.name} {row.version}" for row in versions],
            next_cursor=page.next_cursor or "",
        )

    def _show(self, **values: Any) -> None:
        """Sets only what differs: the page looks every two seconds, and nothing is sent while nothing changes."""
        for name, value in values.items():
            if getattr(self, name) != value:
                setattr(self, name, value)

    @rx.event(background=True)
    async def watch(self):
        """Looks every two seconds until the tab leaves this page; a newer watch of the same tab replaces this one."""
        async with self:
            self._watcher += 1
            mine, path = self._watcher, self.router.url.path
        try:
            async for _ in bridge.ticks(self):
                async with self:
                    if self._watcher != mine or self.router.url.path != path or self.is_missing:
                        return
                    await self._refresh()
        except (NotSignedIn, CannotEnter) as error:
            yield elsewhere(error)

    @rx.event
    async def set_kind(self, kind: str):
        """Shows the dead jobs of one kind, or all."""
        try:
            self.kind = DeadFilter(kind=kind or None).kind or ""
        except ValidationError:
            self.kind = ""
        self._to_first_page()
        await self._refresh()

    @rx.event
    async def retry(self, job_id: str):
        """Tries one dead job again."""
        await self._change(retry_dead_job, bridge.row_id(job_id))
        await self._tell("The job is queued again.")

    @rx.event
    def ask(self, what: str, job_id: str):
        """Opens the dialog that names what would be done, to one job or to all that are shown."""
        found = next((item for item in self.dead if item.id == job_id), None)
        if what in ALL_ACTIONS:
            self.asking, self.asked_id, self.asked_kind = what, "", self.kind
        elif what == "drop" and found is not None:
            self.asking, self.asked_id, self.asked_kind = what, found.id, found.kind

    @rx.event
    def keep(self):
        self.asking = ""

    @rx.event
    async def do_asked(self):
        """Does what the dialog asked about."""
        what, self.asking = self.asking, ""
        if what == "drop":
            await self._change(drop_dead_job, bridge.row_id(self.asked_id))
            await self._tell("The job is dropped.")
        elif what in ALL_ACTIONS:
            change = retry_dead_jobs if what == "retry_all" else drop_dead_jobs
            self._to_first_page()
            done: Changed = await self._change(change, DeadFilter(kind=self.asked_kind or None))
            await self._tell(_told(done, "queued again" if what == "retry_all" else "dropped"))

    @rx.event
    async def pause_queue(self, queue: str):
        await self._change(pause_queue, _queue(queue))

    @rx.event
    async def resume_queue(self, queue: str):
        await self._change(resume_queue, _queue(queue))

    @rx.event
    async def run_schedule(self, schedule_id: str):
        await self._change(run_schedule, schedule_id)
        await self._tell(f"{schedule_id} is queued.")

    @rx.event
    async def pause_schedule(self, schedule_id: str):
        await self._change(pause_schedule, schedule_id)

    @rx.event
    async def resume_schedule(self, schedule_id: str):
        await self._change(resume_schedule, schedule_id)

    @rx.event
    async def scan_not_scanned(self):
        """Has what was never scanned scanned."""
        await self._scan(NewRescan(only_not_scanned=True))

    @rx.event
    async def scan_everything(self):
        """Has everything scanned that the present database has not seen."""
        await self._scan(NewRescan())

    async def _scan(self, wanted: NewRescan) -> None:
        started: RescanRow = await self._change(start_rescan, wanted)
        whose = "1 organization" if started.organizations == 1 else f"{started.organizations:,} organizations"
        await self._tell(f"The scan of {whose} is queued.")

    async def _change(self, function: Any, *arguments: Any) -> Any:
        try:
            return await bridge.as_operator(self, function, *arguments)
        finally:
            await self._refresh()  # what was refused may have changed meanwhile

    async def _tell(self, text: str) -> None:
        frame = await self.get_state(FrameState)
        frame._add_notice(text, "good")  # noqa: SLF001  # states of one user interface


class SecurityState(Screen, Paged, rx.State):
    events: list[EventItem] = []

    @rx.event
    async def load(self):
        self._to_first_page()
        await self._refresh()

    async def _fetch(self) -> None:
        page = await bridge.as_operator(self, list_security_events, OpsQuery(cursor=self._cursor, limit=50))
        self.events, self.next_cursor = event_items(page.items), page.next_cursor or ""


def _everything(operator: Operator, wanted: DeadQuery) -> tuple[OpsRow, DeadPage, list[VersionRow]]:
    return read_ops(operator), list_dead_jobs(operator, wanted), read_versions(operator)


def _queue(name: str) -> QueueName:
    try:
        return QueueName(name)
    except ValueError as error:
        raise NotFound("queue") from error


def _told(done: Changed, verb: str) -> str:
    jobs = "1 job is" if done.changed == 1 else f"{done.changed:,} jobs are"
    return f"{jobs} {verb}{f', {done.left:,} left' if done.left else ''}."
