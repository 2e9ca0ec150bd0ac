from uuid import UUID

from sqlmodel import col

from clasio_backend.core.repository import ScopedRepository
from clasio_backend.models import DataKey


class DataKeyRepository(ScopedRepository[DataKey]):
    model = DataKey
    what = "key"

    def find_current(self) -> DataKey | None:
        """The key to write with."""
        statement = self._select().order_by(col(DataKey.id).desc()).limit(1)
        key: DataKey | None = self._session.execute(statement).scalar_one_or_none()
        return key

    def find_secret(self, key_id: UUID) -> bytes | None:
        """A key, sealed."""
        statement = self._select(col(DataKey.sealed)).where(col(DataKey.id) == key_id)
        secret: bytes | None = self._session.execute(statement).scalar_one_or_none()
        return secret
