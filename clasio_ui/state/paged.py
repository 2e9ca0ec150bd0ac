"""Lists that are read a page at a time, by cursor."""

import reflex as rx


class Paged(rx.State, mixin=True):
    """For a `Screen` whose `_fetch` asks from `_cursor` on and sets `next_cursor`."""

    next_cursor: str = ""
    page_number: int = 1
    _cursors: list[str] = []

    @property
    def _cursor(self) -> str | None:
        return self._cursors[-1] if self._cursors else None

    def _to_first_page(self) -> None:
        self._cursors, self.page_number = [], 1

    async def _refresh(self) -> None:
        raise NotImplementedError

    @rx.event
    async def next_page(self):
        if self.next_cursor:
            self._cursors = [*self._cursors, self.next_cursor]
            self.page_number += 1
            await self._refresh()

    @rx.event
    async def previous_page(self):
        if self._cursors:
            self._cursors = self._cursors[:-1]
            self.page_number -= 1
            await self._refresh()
