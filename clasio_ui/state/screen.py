"""What every screen has: loading, an error with its request id, and rows that follow changes without a reload."""

import reflex as rx

from clasio_backend.accounts.errors import CannotEnter
from clasio_backend.core.errors import ClasioError, NotFound, NotSignedIn
from clasio_ui import bridge
from clasio_ui.state.frame import FrameState, elsewhere


class Screen(rx.State, mixin=True):
    """A screen's state implements `_fetch` (and `_concerns`, to look only at some changes)."""

    is_loading: bool = True
    is_missing: bool = False
    error: str = ""
    error_id: str = ""
    _watcher: int = 0

    async def _fetch(self) -> None:
        raise NotImplementedError

    def _concerns(self, changed: frozenset[str]) -> bool:  # noqa: ARG002  # screens that look at it override this
        """Whether these changed ids (none: nobody knows) matter to this screen."""
        return True

    async def _refresh(self) -> None:
        """Fetches, and turns an expected error into the screen's error state."""
        try:
            await self._fetch()
        except (NotSignedIn, CannotEnter):
            raise
        except NotFound:
            self.is_missing = True
        except ClasioError as error:
            self.error, self.error_id = bridge.in_words(error)
        else:
            self.error, self.error_id, self.is_missing = "", "", False
        self.is_loading = False

    @rx.event
    async def load(self):
        """Loads the screen; also its Retry."""
        await self._refresh()

    @rx.event(background=True)
    async def watch(self):
        """Follows changes until the tab leaves this page; a newer watch of the same tab replaces this one."""
        async with self:
            self._watcher += 1
            mine, path = self._watcher, self.router.url.path
        try:
            async for changed in bridge.changes(self):
                async with self:
                    if self._watcher != mine or self.router.url.path != path:
                        return
                    if self._concerns(changed):
                        await self._refresh()
                    frame = await self.get_state(FrameState)
                    await frame._count()  # noqa: SLF001  # states of one user interface
                    is_about_all = any(one.is_current and one.id in changed for one in frame.organizations)
                if is_about_all:
                    yield FrameState.load
        except (NotSignedIn, CannotEnter) as error:
            yield elsewhere(error)
        except bridge.Elsewhere as moved:
            yield [FrameState.load, self.__class__.load, FrameState.notify(moved.message), self.__class__.watch]
