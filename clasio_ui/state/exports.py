"""Exports on the settings page: start one, follow it, fetch it, let it go."""

from dataclasses import dataclass

import reflex as rx

from clasio_backend.core.scope import Permission
from clasio_backend.core.unit_of_work import UnitOfWork
from clasio_backend.exports.schemas import ExportRow, KindName, NewExport
from clasio_backend.exports.service import list_exports, remove_export, request_export
from clasio_ui import bridge
from clasio_ui.routes import export_path
from clasio_ui.state.frame import FrameState
from clasio_ui.state.meters import size
from clasio_ui.state.rows import days_left, in_days, iso
from clasio_ui.state.screen import Screen

SUBJECTS: dict[KindName, str] = {"organization": "The organization", "person": "My data"}


@dataclass(frozen=True)
class ExportItem:
    """`state` is `waiting`, `running`, `ready` or `failed`; `progress` is "412 of 957 documents"."""

    id: str
    subject: str
    who: str
    state: str
    progress: str
    done: int
    total: int
    size: str
    note: str
    until: str
    created_at: str
    href: str


def export_item(row: ExportRow) -> ExportItem:
    return ExportItem(
        id=str(row.id),
        subject=SUBJECTS[row.kind],
        who=row.requested_by,
        state="waiting" if row.state == "queued" else row.state,
        progress=f"{row.done:,} of {row.total:,} documents" if row.total else "Looking at what there is",
        done=row.done,
        total=max(1, row.total),
        size="" if row.size_bytes is None else size(row.size_bytes),
        note=row.error or _left_out(row.left_out),
        until=in_days("Gone", days_left(row.expires_at)) if row.expires_at else "",
        created_at=iso(row.created_at),
        href=export_path(str(row.id)),
    )


def _left_out(count: int) -> str:
    if not count:
        return ""
    return f"{count:,} {'document is' if count == 1 else 'documents are'} without bytes; manifest.json says why."


class ExportsState(Screen, rx.State):
    items: list[ExportItem] = []
    may_export_all: bool = False
    removing: str = ""
    """The export that the open dialog asks about."""

    def _concerns(self, changed: frozenset[str]) -> bool:
        return not changed or any(item.id in changed for item in self.items)

    async def _fetch(self) -> None:
        rows, self.may_export_all = await bridge.call(self, _exports)
        self.items = [export_item(row) for row in rows]

    @rx.event
    async def start_own(self):
        await self._start("person")

    @rx.event
    async def start_organization(self):
        await self._start("organization")

    async def _start(self, kind: KindName) -> None:
        await bridge.call(self, request_export, NewExport(kind=kind))
        await self._refresh()
        await self._say("The export has begun. You can leave this page; a mail tells you when it is ready.")

    @rx.event
    async def cancel(self, export_id: str):
        """Ends an export that is being made."""
        await bridge.call(self, remove_export, bridge.row_id(export_id))
        await self._refresh()
        await self._say("The export is cancelled.")

    @rx.event
    def ask(self, export_id: str):
        self.removing = export_id

    @rx.event
    def keep(self):
        self.removing = ""

    @rx.event
    async def remove(self):
        """Does what the dialog asked about."""
        export_id, self.removing = self.removing, ""
        await bridge.call(self, remove_export, bridge.row_id(export_id))
        await self._refresh()
        await self._say("The export is removed.")

    async def _say(self, sentence: str) -> None:
        frame = await self.get_state(FrameState)
        frame._add_notice(sentence, "good")  # noqa: SLF001  # states of one user interface


def _exports(uow: UnitOfWork) -> tuple[list[ExportRow], bool]:
    return list_exports(uow), uow.scope.may(Permission.EXPORT_ORGANIZATION)
