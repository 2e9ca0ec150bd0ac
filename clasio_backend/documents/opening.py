"""The one gate before a document's bytes, and everything that was made of them: nothing passes without a verdict.

Whoever hands out or works on bytes, text, pages or summaries of a document calls `require_open` first, or, for many
documents at once, filters by `open_documents`. Names are not behind the gate: they come from the person who uploaded.
"""

from typing import Any

from sqlalchemy import and_
from sqlmodel import col

from clasio_backend.core.scope import Scope
from clasio_backend.documents.errors import DocumentNotFound, InQuarantine, NotScannedYet
from clasio_backend.models import Document
from clasio_backend.models.documents import Outcome, Scan

OPEN = (Scan.CLEAN, Scan.NOT_SCANNED, Scan.RELEASED)
"""Found clean, let go by an owner, or taken in while the scanner was switched off."""


def is_open(document: Document) -> bool:
    """Whether the document may be opened, read, analysed, shared and exported."""
    return document.scan in OPEN and document.outcome != Outcome.INFECTED


def require_open(document: Document, scope: Scope) -> None:
    """Raises `NotScannedYet` or `InQuarantine`; to visitors of a share, who see nothing of this, `DocumentNotFound`."""
    if is_open(document):
        return
    if scope.share_id is not None:
        raise DocumentNotFound
    if document.scan == Scan.PENDING and document.outcome != Outcome.INFECTED:
        raise NotScannedYet
    raise InQuarantine


def open_documents() -> Any:
    """The same as `is_open`, as a condition of a query."""
    return and_(col(Document.scan).in_(OPEN), col(Document.outcome) != Outcome.INFECTED)
