"""Each organization's data keys: made when its first file comes, kept sealed in the database, cached for a minute.

Keys are looked up in a transaction of their own, because no other is open while bytes are stored or read.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from time import monotonic
from uuid import UUID

from clasio_backend.core.ids import new_id
from clasio_backend.core.scope import Scope, system_scope
from clasio_backend.core.unit_of_work import UnitOfWork, unit_of_work
from clasio_backend.integrations.storage.errors import KeyGone
from clasio_backend.integrations.storage.repository import BlobPlaceRepository, DataKeyRepository
from clasio_backend.integrations.storage.sealing import Key, new_secret
from clasio_backend.models import DataKey
from clasio_backend.security.encryption import seal, unseal

PURPOSE = "data_keys"
CACHED_SECONDS = 60.0
"""How long a process may go on with a key that was replaced or deleted meanwhile."""
_MOST_CACHED = 10_000


@dataclass(frozen=True, slots=True)
class CurrentKey:
    """The key to write with, and since when."""

    id: UUID
    created_at: datetime


def current_key(organization_id: UUID) -> Key:
    """The key to write this organization's files with; the first one is made here."""
    return _cached((organization_id, None), lambda: _find_or_make(organization_id))


def key_of(organization_id: UUID, key_id: UUID) -> Key:
    """The key that a row or a stored file names; raises `KeyGone`."""
    return _cached((organization_id, key_id), lambda: _find(organization_id, key_id))


def key_of_blob(organization_id: UUID, sha256: str) -> Key | None:
    """The key that a blob lies under, by its row of this moment; None when it has none."""
    with unit_of_work(_scope(organization_id)) as uow:
        key_id = uow.repository(BlobPlaceRepository).find_key_id(sha256)
    return None if key_id is None else key_of(organization_id, key_id)


def all_keys(organization_id: UUID) -> list[Key]:
    """Every key that the organization has."""
    with unit_of_work(_scope(organization_id)) as uow:
        return [_opened(row) for row in uow.repository(DataKeyRepository).list_all()]


def add_key(uow: UnitOfWork) -> UUID:
    """Makes a new key for the organization of the step; it is the current one from its commit on."""
    organization_id = uow.scope.organization_id
    row = _new_row(organization_id, new_secret(), has_folder=True)
    uow.repository(DataKeyRepository).add(row)
    uow.after_commit(lambda: forget_current(organization_id))
    return row.id


def newest(uow: UnitOfWork) -> CurrentKey:
    """The current key by the database, not by what this process remembers; raises `KeyGone` when there is none."""
    row = uow.repository(DataKeyRepository).find_current()
    if row is None:
        raise KeyGone
    return CurrentKey(row.id, row.created_at)


def hold(uow: UnitOfWork, key_id: UUID) -> None:
    """Keeps a key from being destroyed until the step ends; raises `KeyGone`, and then it is not taken again here."""
    if not uow.repository(DataKeyRepository).hold(key_id):
        forget_current(uow.scope.organization_id)
        raise KeyGone


def forget_current(organization_id: UUID) -> None:
    """The next file is written with the key that is current then."""
    with _lock:
        _cache.pop((organization_id, None), None)


def _find_or_make(organization_id: UUID) -> Key:
    with unit_of_work(_scope(organization_id)) as uow:
        keys = uow.repository(DataKeyRepository)
        row = keys.find_current()
        if row is None:  # two at once make two keys: the newer one is used from then on, and both open what they sealed
            row = keys.add(_new_row(organization_id, new_secret(), has_folder=False))
        return _opened(row)


def _find(organization_id: UUID, key_id: UUID) -> Key:
    with unit_of_work(_scope(organization_id)) as uow:
        row = uow.repository(DataKeyRepository).find(key_id)
    if row is None:
        raise KeyGone
    return _opened(row)


def _new_row(organization_id: UUID, secret: bytes, *, has_folder: bool) -> DataKey:
    key_id = new_id()
    sealed = seal(secret, purpose=PURPOSE, belongs_to=str(key_id))
    return DataKey(organization_id=organization_id, id=key_id, sealed=sealed, has_folder=has_folder)


def _opened(row: DataKey) -> Key:
    return Key(row.id, unseal(row.sealed, purpose=PURPOSE, belongs_to=str(row.id)), has_folder=row.has_folder)


def _scope(organization_id: UUID) -> Scope:
    return system_scope(organization_id, "file store")


_cache: dict[tuple[UUID, UUID | None], tuple[float, Key]] = {}
_lock = Lock()


def _cached(name: tuple[UUID, UUID | None], look_up: Callable[[], Key]) -> Key:
    with _lock:
        until, key = _cache.get(name, (0.0, None))
    if key is not None and monotonic() < until:
        return key
    key = look_up()
    with _lock:
        if len(_cache) >= _MOST_CACHED:
            _cache.clear()
        _cache[name] = (monotonic() + CACHED_SECONDS, key)
    return key
