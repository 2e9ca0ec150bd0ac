"""Activity: who did what, narrowed by the filters of the URL, a page at a time."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import reflex as rx
from pydantic import ValidationError

from clasio_backend.activity.schemas import ActivityPage, ActivityQuery
from clasio_backend.activity.service import list_activity
from clasio_backend.core.errors import ValidationFailed
from clasio_backend.core.scope import Permission
from clasio_backend.core.unit_of_work import UnitOfWork
from clasio_backend.organizations.members import list_people
from clasio_ui import bridge
from clasio_ui.routes import activity_csv_path, activity_path
from clasio_ui.state.paged import Paged
from clasio_ui.state.rows import ActivityItem, activity_items
from clasio_ui.state.screen import Screen

FILTERS = ("person", "subject", "document", "since", "until")
"""Vars that read these by name say so: Reflex finds only what a var names itself."""


class ActivityState(Screen, Paged, rx.State):
    """`since` and `until` are days (UTC), both included."""

    items: list[ActivityItem] = []
    people: list[tuple[str, str]] = []
    person: str = ""
    subject: str = ""
    document: str = ""
    since: str = ""
    until: str = ""

    @rx.var(deps=[*FILTERS], auto_deps=False)
    def is_filtered(self) -> bool:
        return any(getattr(self, name) for name in FILTERS)

    @rx.var(deps=[*FILTERS], auto_deps=False)
    def csv_path(self) -> str:
        try:
            query = self._query().model_dump(mode="json", exclude_none=True, exclude={"cursor", "limit"})
        except ValidationFailed:
            return activity_csv_path()
        return activity_csv_path(**query)

    @rx.event
    async def load(self):
        """Takes the filters from the URL, and loads the first page of them."""
        wanted = self.router.url.query_parameters
        for name in FILTERS:
            setattr(self, name, wanted.get(name, ""))
        self._to_first_page()
        await self._refresh()

    async def _fetch(self) -> None:
        page, people = await bridge.call(self, _activity, self._query())
        self.items, self.next_cursor = activity_items(page.items), page.next_cursor or ""
        self.people = [(str(person_id), name) for person_id, name in people]

    def _query(self) -> ActivityQuery:
        try:
            return ActivityQuery.model_validate(
                {
                    "person": self.person or None,
                    "subject": self.subject or None,
                    "document_id": self.document or None,
                    "since": _midnight(self.since),
                    "until": _midnight(self.until, days_later=1),
                    "cursor": self._cursor,
                }
            )
        except (ValidationError, ValueError, OverflowError) as error:
            raise ValidationFailed("This address holds a filter that does not exist. Remove the filters.") from error

    @rx.event
    def set_filter(self, name: str, value: str):
        """Puts one filter into the URL; an empty value removes it."""
        now = {each: getattr(self, each) for each in FILTERS} | {name: value}
        return rx.redirect(activity_path(**{each: now[each] for each in FILTERS if now[each]}))

    @rx.event
    def clear_filters(self):
        return rx.redirect(activity_path())


def _midnight(day: str, *, days_later: int = 0) -> datetime | None:
    return datetime.combine(date.fromisoformat(day), time(), UTC) + timedelta(days=days_later) if day else None


def _activity(uow: UnitOfWork, query: ActivityQuery) -> tuple[ActivityPage, list[tuple[UUID, str]]]:
    may_see_all = uow.scope.may(Permission.READ_ALL_ACTIVITY)
    people = [(person.id, person.name) for person in list_people(uow)] if may_see_all else []
    return list_activity(uow, query), people
