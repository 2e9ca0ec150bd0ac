"""Reads what an export holds: each batch in a short transaction of its own, by keyset.

Documents that come in while this goes on are left to the next export; one that is purged meanwhile is missing.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from clasio_backend.accounts.repository import UserRepository
from clasio_backend.core.errors import NotFound
from clasio_backend.core.scope import Scope, UserScope
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.exports.lines import (
    ActivityLine,
    CategoryLine,
    ExportLine,
    IdentityLine,
    MemberLine,
    OrganizationLine,
    OwnMembershipLine,
    ProfileLine,
    SessionLine,
    ShareLine,
    TokenLine,
)
from clasio_backend.exports.repository import CollectRepository, OwnRepository
from clasio_backend.models import Analysis, Document
from clasio_backend.models.exports import ExportKind
from clasio_backend.organizations.repository import OrganizationRepository

LINES_A_BATCH = 500


@dataclass(frozen=True, slots=True)
class Batch:
    documents: list[Document]
    texts: list[Row[*tuple[Any, ...]]]
    analyses: list[Analysis]


class Collector:
    """Everything of an organization or, with `person`, what this person has in it and their profile."""

    def __init__(self, scope: Scope, person: UUID | None) -> None:
        self._scope, self._person = scope, person
        self.kind = ExportKind.PERSON if person else ExportKind.ORGANIZATION
        with unit_of_work(scope) as uow:
            self._settings = OrganizationLine.model_validate(uow.repository(OrganizationRepository).get())
            self.extent = uow.repository(CollectRepository).extent(person)

    @property
    def organization(self) -> str:
        return self._settings.name

    def batches(self, size: int) -> Iterator[Batch]:
        """Documents in the order in which they came, with their texts and analyses."""
        after: UUID | None = None
        while self.extent.last_id is not None:
            with unit_of_work(self._scope) as uow:
                rows = uow.repository(CollectRepository)
                documents = rows.documents(self._person, after, self.extent.last_id, size)
                ids = [document.id for document in documents]
                batch = Batch(documents, rows.texts(ids), rows.analyses(ids))
            if not documents:
                return
            yield batch
            after = ids[-1]

    def lists(self) -> Iterator[tuple[str, Iterator[ExportLine]]]:
        """(name, lines) of all that is no document."""
        yield "shares", self._shares()
        yield "activity", self._activity()
        if self._person is None:
            yield "categories", self._read(lambda rows: rows.categories(), CategoryLine)
            yield "members", self._members()
        else:
            person = self._person
            yield "tokens", self._read(lambda rows: rows.tokens(person), TokenLine)
            yield "memberships", self._own(OwnRepository.memberships, OwnMembershipLine)
            yield "sessions", self._own(OwnRepository.sessions, SessionLine)
            yield "identities", self._own(OwnRepository.identities, IdentityLine)

    def singles(self) -> Iterator[tuple[str, ExportLine]]:
        """(name, the one object) of the files that hold one."""
        if self._person is None:
            yield "organization", self._settings
            return
        with unit_of_work(self._as_person) as uow:
            user = uow.repository(UserRepository).get(self._person)
        if user is None:
            raise NotFound("person")
        yield "profile", ProfileLine.model_validate(user)

    @property
    def _as_person(self) -> UserScope:
        if self._person is None:
            raise TypeError("only the export of a person looks outside the organization")
        return UserScope(self._person, self._scope.request_id)

    def _shares(self) -> Iterator[ExportLine]:
        after: UUID | None = None
        while True:
            with unit_of_work(self._scope) as uow:
                batch = uow.repository(CollectRepository).shares(self._person, after, LINES_A_BATCH)
            yield from (ShareLine.model_validate(row) for row in batch)
            if len(batch) < LINES_A_BATCH:
                return
            after = batch[-1].id

    def _activity(self) -> Iterator[ExportLine]:
        after = None
        while True:
            with unit_of_work(self._scope) as uow:
                batch = uow.repository(CollectRepository).activity(self._person, after, LINES_A_BATCH)
            yield from (ActivityLine.model_validate(row) for row in batch)
            if len(batch) < LINES_A_BATCH:
                return
            after = (batch[-1].at, batch[-1].id)

    def _members(self) -> Iterator[ExportLine]:
        after: UUID | None = None
        while True:
            with unit_of_work(self._scope) as uow:
                batch = uow.repository(CollectRepository).members(after, LINES_A_BATCH)
            yield from (MemberLine.model_validate(row) for row in batch)
            if len(batch) < LINES_A_BATCH:
                return
            after = batch[-1].user_id

    def _read(self, rows: Callable[[CollectRepository], list[Any]], line: type[ExportLine]) -> Iterator[ExportLine]:
        with unit_of_work(self._scope) as uow:
            found = rows(uow.repository(CollectRepository))
        yield from (line.model_validate(row) for row in found)

    def _own(self, rows: Callable[[OwnRepository], list[Any]], line: type[ExportLine]) -> Iterator[ExportLine]:
        with unit_of_work(self._as_person) as uow:
            found = rows(uow.repository(OwnRepository))
        yield from (line.model_validate(row) for row in found)
