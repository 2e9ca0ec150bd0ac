from uuid import UUID

from sqlmodel import col

from clasio_backend.core.repository import ScopedRepository
from clasio_backend.models import Blob, DataKey


class DataKeyRepository(ScopedRepository[DataKey]):
    model = DataKey
    what = "key"

    def find_current(self) -> DataKey | None:
        """The key to write with."""
        statement = self._select().order_by(col(DataKey.id).desc()).limit(1)
        key: DataKey | None = self._session.execute(statement).scalar_one_or_none()
        return key

    def list_all(self) -> list[DataKey]:
        return list(self._session.execute(self._select().order_by(col(DataKey.id))).scalars())

    def hold(self, key_id: UUID) -> bool:
        """Keeps a key from being destroyed until the transaction ends; False when it is gone."""
        statement = self._select(DataKey.id).where(col(DataKey.id) == key_id)
        statement = statement.with_for_update(read=True, key_share=True)
        return self._session.execute(statement).scalar_one_or_none() is not None


class BlobPlaceRepository(ScopedRepository[Blob]):
    model = Blob
    what = "blob"

    def find_key_id(self, sha256: str) -> UUID | None:
        """The key that a blob lies under; None when there is no such blob."""
        statement = self._select(Blob.key_id).where(col(Blob.sha256) == sha256)
        found: UUID | None = self._session.execute(statement).scalar_one_or_none()
        return found
