"""Turns database rows into the rows that pages and API see."""

from clasio_backend.models import Category
from clasio_backend.organizations.schemas import CategoryRow


def to_row(category: Category) -> CategoryRow:
    return CategoryRow(
        id=category.id,
        name=category.name,
        never_send=category.never_send,
        is_archived=category.archived_at is not None,
        merged_into=category.merged_into_id,
    )
