from uuid import UUID

from sqlmodel import col

from clasio_backend.core.repository import ScopedRepository
from clasio_backend.models import Analysis


class AnalysisRepository(ScopedRepository[Analysis]):
    model = Analysis
    what = "analysis"

    def list_of(self, document_id: UUID, *, limit: int) -> list[Analysis]:
        statement = self._select().where(col(Analysis.document_id) == document_id)
        statement = statement.order_by(col(Analysis.created_at).desc(), col(Analysis.id).desc()).limit(limit)
        return list(self._session.execute(statement).scalars())
