"""What was drawn of documents' pages, kept so that each is drawn once."""

from clasio_backend.documents.renderings.keeping import (
    Wanted,
    is_kept,
    kept_or_made,
    path_of,
    remove_of_document,
    remove_old,
)

__all__ = ["Wanted", "is_kept", "kept_or_made", "path_of", "remove_of_document", "remove_old"]
