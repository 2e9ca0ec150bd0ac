from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.http.api_v1.answers import problems
from clasio_backend.http.callers import Caller
from clasio_backend.organizations import categories, service
from clasio_backend.organizations.schemas import CategoryChange, CategoryMerge, CategoryRow, NewCategory

router = APIRouter(prefix="/categories", tags=["categories"])


@router.get("", responses=problems())
def list_categories(scope: Caller, archived: Annotated[bool, Query()] = False) -> list[CategoryRow]:
    """What is offered, in the organization's order; with `archived=true` also what is not any more."""
    with unit_of_work(scope) as uow:
        return categories.list_all_categories(uow) if archived else service.list_categories(uow)


@router.post("", status_code=201, responses=problems(404, 409))
def add_category(scope: Caller, wanted: NewCategory) -> CategoryRow:
    """Owners: adds a category at the end of the list, of 100 at most."""
    with unit_of_work(scope) as uow:
        return categories.add_category(uow, wanted)


@router.patch("/{category_id}", responses=problems(404, 409))
def change_category(scope: Caller, category_id: UUID, change: CategoryChange) -> CategoryRow:
    """Owners: renames, moves, marks, archives or restores a category. Its documents keep it."""
    with unit_of_work(scope) as uow:
        return categories.change_category(uow, category_id, change)


@router.post("/{category_id}/merge", status_code=202, responses=problems(404, 409))
def merge_category(scope: Caller, category_id: UUID, wanted: CategoryMerge) -> CategoryRow:
    """Owners: gives its documents another category, in the background, and then removes it."""
    with unit_of_work(scope) as uow:
        return categories.merge_category(uow, category_id, wanted)
