from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class CategoryRow:
    id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A member as others see them."""

    id: UUID
    name: str
    email: str
    role: str
