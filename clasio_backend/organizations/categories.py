"""The organization's own list of categories, as its owners edit it.

Every change first locks the organization's row, so that two owners take turns: the second finds what the first did.
What a change means for the documents is done by a job (`documents.categories`): there can be 100,000 of them.
"""

from uuid import UUID

from clasio_backend.activity.actions import Action
from clasio_backend.activity.service import record
from clasio_backend.core.clock import now
from clasio_backend.core.ids import new_id
from clasio_backend.core.job_queue import JobKind, enqueue
from clasio_backend.core.scope import Permission
from clasio_backend.core.unit_of_work import UnitOfWork
from clasio_backend.models import Category
from clasio_backend.organizations.errors import CannotMerge, CategoryIsMerging, CategoryTaken, TooManyCategories
from clasio_backend.organizations.repository import CategoryRepository, OrganizationRepository
from clasio_backend.organizations.rows import to_row
from clasio_backend.organizations.schemas import CategoryChange, CategoryMerge, CategoryRow, NewCategory

MAX_CATEGORIES = 100
MAX_LISTED = 200
"""An import may have brought more than can be added."""


def list_all_categories(uow: UnitOfWork) -> list[CategoryRow]:
    """The whole list: what is offered, then what is archived or on its way out."""
    uow.scope.require(Permission.READ_DOCUMENTS, "category")
    return [to_row(row) for row in uow.repository(CategoryRepository).list_all(limit=MAX_LISTED)]


def add_category(uow: UnitOfWork, wanted: NewCategory) -> CategoryRow:
    """Adds one at the end; raises `CategoryTaken`, `TooManyCategories`. Owners only."""
    categories = _locked(uow)
    _refuse_taken(categories, wanted.name)
    if categories.count() >= MAX_CATEGORIES:
        raise TooManyCategories(MAX_CATEGORIES)
    category = Category(
        organization_id=uow.scope.organization_id,
        name=wanted.name,
        position=_last_position(categories) + 1,
        never_send=wanted.never_send,
    )
    categories.add(category)
    record(uow, Action.CATEGORY_ADDED, "category", category.id, name=category.name)
    _tell(uow)
    return to_row(category)


def change_category(uow: UnitOfWork, category_id: UUID, change: CategoryChange) -> CategoryRow:
    """Renames, moves, marks, archives or restores one; a new name reaches the search by a job. Owners only."""
    categories = _locked(uow)
    category = _still_there(categories, category_id)
    if change.name is not None and change.name != category.name:
        _refuse_taken(categories, change.name, but=category)
        _note(uow, category, "name", category.name, change.name)
        category.name = change.name
        _follow(uow, category)
    if change.never_send is not None and change.never_send != category.never_send:
        _note(uow, category, "never_send", category.never_send, change.never_send)
        category.never_send = change.never_send
    if change.is_archived is not None and change.is_archived != (category.archived_at is not None):
        _set_archived(uow, category, change.is_archived)
    if change.place is not None and category.archived_at is None:
        _move(categories, category, change.place)
    uow.flush()
    _tell(uow)
    return to_row(category)


def merge_category(uow: UnitOfWork, category_id: UUID, wanted: CategoryMerge) -> CategoryRow:
    """Gives the documents of one category another, and then removes it; owners only.

    It is not offered from now on; a job moves the documents. Documents of a category that is never sent to AI keep that
    mark themselves when the other category does not have it.
    """
    categories = _locked(uow)
    category = _still_there(categories, category_id)
    target = _still_there(categories, wanted.into)
    if target.id == category.id:
        raise CannotMerge("A category cannot be merged into itself. Choose another.")
    if target.archived_at is not None:
        raise CannotMerge(f"The category “{target.name}” is archived. Restore it first, or choose another.")
    if categories.is_taking_over(category.id):
        raise CategoryIsMerging(category.name)
    category.merged_into_id, category.archived_at = target.id, now()
    _follow(uow, category)
    record(uow, Action.CATEGORY_MERGED, "category", category.id, name=category.name, into=target.name)
    uow.flush()
    _tell(uow)
    return to_row(category)


def _locked(uow: UnitOfWork) -> CategoryRepository:
    uow.scope.require(Permission.MANAGE_CATEGORIES, "category")
    uow.repository(OrganizationRepository).get_for_update()
    return uow.repository(CategoryRepository)


def _still_there(categories: CategoryRepository, category_id: UUID) -> Category:
    category = categories.get_for_update(category_id)
    if category.merged_into_id is not None:
        raise CategoryIsMerging(category.name)
    return category


def _refuse_taken(categories: CategoryRepository, name: str, *, but: Category | None = None) -> None:
    taken = categories.find_by_name(name)
    if taken is not None and (but is None or taken.id != but.id):
        raise CategoryTaken(taken.name, is_archived=taken.archived_at is not None)


def _set_archived(uow: UnitOfWork, category: Category, is_archived: bool) -> None:
    if is_archived and uow.repository(CategoryRepository).is_taking_over(category.id):
        raise CategoryIsMerging(category.name)
    category.archived_at = now() if is_archived else None
    action = Action.CATEGORY_ARCHIVED if is_archived else Action.CATEGORY_RESTORED
    record(uow, action, "category", category.id, name=category.name)


def _move(categories: CategoryRepository, category: Category, place: int) -> None:
    """Puts it at `place` (from 1) of what is offered, and numbers the list anew."""
    others = [row for row in categories.list_active(limit=MAX_LISTED) if row.id != category.id]
    others.insert(place - 1, category)
    for position, row in enumerate(others):
        row.position = position


def _last_position(categories: CategoryRepository) -> int:
    return max((row.position for row in categories.list_active(limit=MAX_LISTED)), default=-1)


def _note(uow: UnitOfWork, category: Category, field: str, before: object, after: object) -> None:
    record(
        uow,
        Action.CATEGORY_CHANGED,
        "category",
        category.id,
        name=category.name,
        field=field,
        before=before,
        after=after,
    )


def _follow(uow: UnitOfWork, category: Category) -> None:
    """Queues what the documents of this category have to follow."""
    enqueue(uow, JobKind.FOLLOW_CATEGORY, f"{category.id} {new_id()}", payload={"category_id": str(category.id)})


def _tell(uow: UnitOfWork) -> None:
    """Open pages offer the list, so all of them look."""
    uow.notify("organization", uow.scope.organization_id)
