from typing import NamedTuple
from uuid import UUID

from sqlalchemy import and_, func
from sqlmodel import col

from clasio_backend.core.job_queue import JobKind
from clasio_backend.core.repository import ScopedRepository
from clasio_backend.documents.opening import open_documents
from clasio_backend.documents.repository import DocumentRepository
from clasio_backend.documents.schemas import ArchiveQuery
from clasio_backend.models import Analysis, Category, Document, DocumentText
from clasio_backend.models.documents import Outcome
from clasio_backend.models.jobs import Job, JobState

GEMINI = "gemini"


class ToAnalyse(NamedTuple):
    """What decides how much the analysis of a document takes."""

    id: UUID
    mime_type: str
    size_bytes: int
    page_count: int | None
    text_bytes: int


class AnalysisRepository(ScopedRepository[Analysis]):
    model = Analysis
    what = "analysis"
    document_column = "document_id"

    def find_made(self, sha256: str, mode: str, model: str, prompt_version: str) -> Analysis | None:
        """The latest result for the same content by the same model and prompt that this organization paid for."""
        statement = self._select().where(
            col(Analysis.content_sha256) == sha256,
            col(Analysis.mode) == mode,
            col(Analysis.model) == model,
            col(Analysis.prompt_version) == prompt_version,
            col(Analysis.source) == GEMINI,
        )
        statement = statement.order_by(col(Analysis.created_at).desc(), col(Analysis.id).desc()).limit(1)
        made: Analysis | None = self._session.execute(statement).scalar_one_or_none()
        return made

    def list_of(self, document_id: UUID, *, limit: int) -> list[Analysis]:
        statement = self._select().where(col(Analysis.document_id) == document_id)
        statement = statement.order_by(col(Analysis.created_at).desc(), col(Analysis.id).desc()).limit(limit)
        return list(self._session.execute(statement).scalars())


class AnalysisJobRepository(ScopedRepository[Job]):
    model = Job
    what = "job"

    def count_open(self) -> tuple[int, int]:
        """(queued or running, and of these those that wait for a limit to start anew)."""
        waits = col(Job.progress).op("?")("waits_for")
        statement = self._select(func.count(), func.count().filter(waits)).where(
            col(Job.kind) == JobKind.ANALYSE_DOCUMENT, col(Job.state).in_([JobState.QUEUED, JobState.RUNNING])
        )
        row = self._session.execute(statement).one()
        return int(row[0]), int(row[1])


class ToAnalyseRepository(DocumentRepository):
    def list_fitting(self, query: ArchiveQuery, *, limit: int) -> list[ToAnalyse]:
        """What has text to be analysed and no work under way, the newest first."""
        statement = (
            self._select(
                Document.id,
                Document.mime_type,
                Document.size_bytes,
                Document.page_count,
                func.coalesce(func.octet_length(DocumentText.text), 0),
            )
            .outerjoin(
                Category,
                and_(
                    col(Category.organization_id) == col(Document.organization_id),
                    col(Category.id) == col(Document.category_id),
                ),
            )
            .outerjoin(
                DocumentText,
                and_(
                    col(DocumentText.organization_id) == col(Document.organization_id),
                    col(DocumentText.document_id) == col(Document.id),
                ),
            )
            .where(
                col(Document.deleted_at).is_(None),
                col(Document.searchable_at).is_not(None),
                col(Document.outcome) != Outcome.PENDING,
                open_documents(),
                *self._conditions(query),
            )
            .order_by(col(Document.created_at).desc(), col(Document.id).desc())
            .limit(limit)
        )
        if query.ids:
            statement = statement.where(col(Document.id).in_(query.ids))
        return [ToAnalyse(*row) for row in self._session.execute(statement)]
