"""Each organization's data keys: made when its first file comes, kept sealed in the database, cached for a minute.

Keys are looked up in a transaction of their own, because no other is open while bytes are stored or read.
"""

from collections.abc import Callable
from threading import Lock
from time import monotonic
from uuid import UUID

from clasio_backend.core.ids import new_id
from clasio_backend.core.scope import Scope, system_scope
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.integrations.storage.errors import KeyGone
from clasio_backend.integrations.storage.repository import DataKeyRepository
from clasio_backend.integrations.storage.sealing import Key, new_secret
from clasio_backend.models import DataKey
from clasio_backend.security.encryption import seal, unseal

PURPOSE = "data_keys"
CACHED_SECONDS = 60.0
"""How long a process may go on with a key that was deleted meanwhile."""
_MOST_CACHED = 10_000


def current_key(organization_id: UUID) -> Key:
    """The key to write this organization's files with; the first one is made here."""
    return _cached((organization_id, None), lambda: _find_or_make(organization_id))


def secret_of(organization_id: UUID, key_id: UUID) -> bytes:
    """The key that a stored file names; raises `KeyGone`."""
    return _cached((organization_id, key_id), lambda: _find(organization_id, key_id)).secret


def _find_or_make(organization_id: UUID) -> Key:
    with unit_of_work(_scope(organization_id)) as uow:
        keys = uow.repository(DataKeyRepository)
        row = keys.find_current()
        if row is None:  # two at once make two keys: the newer one is used from then on, and both open what they sealed
            key = Key(new_id(), new_secret())
            sealed = seal(key.secret, purpose=PURPOSE, belongs_to=str(key.id))
            keys.add(DataKey(organization_id=organization_id, id=key.id, sealed=sealed))
            return key
        return Key(row.id, unseal(row.sealed, purpose=PURPOSE, belongs_to=str(row.id)))


def _find(organization_id: UUID, key_id: UUID) -> Key:
    with unit_of_work(_scope(organization_id)) as uow:
        sealed = uow.repository(DataKeyRepository).find_secret(key_id)
    if sealed is None:
        raise KeyGone
    return Key(key_id, unseal(sealed, purpose=PURPOSE, belongs_to=str(key_id)))


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
