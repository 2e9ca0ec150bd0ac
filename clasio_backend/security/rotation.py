"""Changing SECRET_KEY: everything sealed in the database is sealed again under the first key of the list.

Works while Clasio runs: every process opens what any key of the list sealed, and rows are changed batch by batch, each
batch in a transaction of its own. Running it twice does no harm; what is sealed under the first key stays as it is.
"""

from dataclasses import dataclass

from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from clasio_backend.core.db import sqlalchemy_url
from clasio_backend.models.columns import SEALED_FOR
from clasio_backend.security.encryption import CannotUnseal, is_sealed_with_first, seal, unseal
from clasio_backend.security.repository import reseal_some, sealed_columns

BATCH = 500


@dataclass(frozen=True, slots=True)
class Rotated:
    """`resealed` needed another key before; `unopened` no key of the list opens, so it was left as it is."""

    column: str
    resealed: int
    unopened: int


def rotate(owner_url: str) -> list[Rotated]:
    """Seals again whatever is not sealed under the first key; one entry for each column."""
    engine = create_engine(sqlalchemy_url(owner_url), poolclass=NullPool)
    results = []
    for column in sealed_columns():
        sealing = _Sealing(str(column.info[SEALED_FOR]))
        resealed, after, is_done = 0, None, False
        while not is_done:
            with engine.begin() as connection:
                last, changed = reseal_some(connection, column, after, BATCH, sealing.again)
            resealed += changed
            after, is_done = last, last is None
        results.append(Rotated(f"{column.table.name}.{column.name}", resealed, sealing.unopened))
    return results


class _Sealing:
    def __init__(self, purpose: str) -> None:
        self._purpose = purpose
        self.unopened = 0

    def again(self, belongs_to: str, sealed: bytes) -> bytes:
        if is_sealed_with_first(sealed, purpose=self._purpose, belongs_to=belongs_to):
            return sealed
        try:
            plain = unseal(sealed, purpose=self._purpose, belongs_to=belongs_to)
        except CannotUnseal:
            self.unopened += 1
            return sealed
        return seal(plain, purpose=self._purpose, belongs_to=belongs_to)
