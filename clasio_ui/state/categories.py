"""The organization's categories on the settings page: the list as its owners edit it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import reflex as rx
from pydantic import ValidationError

from clasio_backend.core.errors import ClasioError, NotFound, NotSignedIn
from clasio_backend.core.scope import Permission
from clasio_backend.core.unit_of_work import UnitOfWork
from clasio_backend.organizations.categories import (
    add_category,
    change_category,
    list_all_categories,
    merge_category,
)
from clasio_backend.organizations.schemas import CategoryChange, CategoryMerge, CategoryRow, NewCategory
from clasio_ui import bridge
from clasio_ui.state.frame import FrameState
from clasio_ui.state.screen import Screen

NO_NAME = "Give the category a name of one line, 100 characters at most."


@dataclass(frozen=True)
class CategoryItem:
    """`goes_into` is the name of the category that takes the documents over, while that is under way."""

    id: str
    name: str
    never_send: bool
    is_archived: bool
    goes_into: str
    place: int
    is_last: bool


def category_items(rows: list[CategoryRow]) -> list[CategoryItem]:
    names = {row.id: row.name for row in rows}
    offered = sum(not row.is_archived for row in rows)
    return [
        CategoryItem(
            id=str(row.id),
            name=row.name,
            never_send=row.never_send,
            is_archived=row.is_archived,
            goes_into=names.get(row.merged_into, "another") if row.merged_into else "",
            place=place,
            is_last=place == offered,
        )
        for place, row in enumerate(rows, 1)
    ]


class CategoriesState(Screen, rx.State):
    items: list[CategoryItem] = []
    renaming: str = ""
    """The category whose name is being edited."""
    rename_error: str = ""
    add_error: str = ""
    added: int = 0
    """How often something was added: the form is emptied then, and only then."""
    merging: str = ""
    """The category that the open dialog asks about."""
    merge_error: str = ""

    @rx.var
    def merging_name(self) -> str:
        return next((item.name for item in self.items if item.id == self.merging), "")

    @rx.var
    def targets(self) -> list[CategoryItem]:
        """What the category of the dialog can be merged into."""
        return [item for item in self.items if not item.is_archived and item.id != self.merging]

    async def _fetch(self) -> None:
        self.items = category_items(await bridge.call(self, _categories))

    @rx.event
    async def load(self):
        self.renaming, self.merging, self.rename_error, self.add_error, self.merge_error = "", "", "", "", ""
        await self._refresh()

    @rx.event
    async def add(self, form: dict[str, str]):
        """Adds a category; what was typed stays when it is refused."""
        self.add_error = await self._try(add_category, lambda: (NewCategory(name=form.get("name", "")),))
        self.added += not self.add_error

    @rx.event
    def edit_name(self, category_id: str):
        """Opens the inline editor of one name; an empty id closes it."""
        self.renaming, self.rename_error = category_id, ""

    @rx.event
    async def rename(self, form: dict[str, str]):
        """Saves the name being edited."""
        wanted, name = self.renaming, form.get("value", "")
        self.rename_error = await self._try(change_category, lambda: (bridge.row_id(wanted), CategoryChange(name=name)))
        if not self.rename_error:
            self.renaming = ""

    @rx.event
    async def move(self, category_id: str, number: int):
        """Puts a category at this place of the list, from 1."""
        await self._change(category_id, place=number)

    @rx.event
    async def switch_sending(self, category_id: str):
        """Marks a category “never send to AI”, or takes the mark away."""
        item = next((item for item in self.items if item.id == category_id), None)
        await self._change(category_id, never_send=item is not None and not item.never_send)

    @rx.event
    async def archive(self, category_id: str):
        await self._change(category_id, is_archived=True)

    @rx.event
    async def restore(self, category_id: str):
        await self._change(category_id, is_archived=False)

    @rx.event
    def ask_to_merge(self, category_id: str):
        self.merging, self.merge_error = category_id, ""

    @rx.event
    def keep(self):
        self.merging = ""

    @rx.event
    async def merge(self, form: dict[str, str]):
        """Does what the dialog asked about."""
        name, wanted, into = self.merging_name, self.merging, form.get("into", "")
        self.merge_error = await self._try(
            merge_category, lambda: (bridge.row_id(wanted), CategoryMerge(into=bridge.row_id(into)))
        )
        if not self.merge_error:
            self.merging = ""
            frame = await self.get_state(FrameState)
            frame._add_notice(f"{name} is being merged. Its documents follow.", "good")  # noqa: SLF001  # one interface

    async def _change(self, category_id: str, **values: object) -> None:
        try:
            change = CategoryChange.model_validate(values)
            await bridge.call(self, change_category, bridge.row_id(category_id), change)
        finally:
            await self._refresh()  # a refused switch must not stay on the page

    async def _try(self, service: Callable[..., object], arguments: Callable[[], tuple[Any, ...]]) -> str:
        """Calls the service, and returns what is wrong with what was typed; empty when it was done."""
        try:
            await bridge.call(self, service, *arguments())
        except ValidationError as error:
            return bridge.finding(error) if "Other" in str(error) else NO_NAME
        except (NotFound, NotSignedIn):
            raise
        except ClasioError as error:
            return error.message
        await self._refresh()
        return ""


def _categories(uow: UnitOfWork) -> list[CategoryRow]:
    return list_all_categories(uow) if uow.scope.may(Permission.MANAGE_CATEGORIES) else []
