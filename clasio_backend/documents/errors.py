from typing import Any
from uuid import UUID

from clasio_backend.core.errors import ClasioError, Conflict, NotFound


class DocumentNotFound(NotFound):
    code = "document_not_found"

    def __init__(self) -> None:
        super().__init__("document")


class PageNotFound(NotFound):
    """There is no such page, or the format has none: office files and mails are shown as text only."""

    code = "page_not_found"

    def __init__(self) -> None:
        super().__init__("page")


class NotScannedYet(Conflict):
    """Nothing of it is given out or worked on before the virus scanner's verdict."""

    code = "not_scanned_yet"

    def __init__(self) -> None:
        super().__init__("This document has not been checked for viruses yet. It opens as soon as that is done.")


class InQuarantine(Conflict):
    code = "in_quarantine"

    def __init__(self) -> None:
        super().__init__("This document is in quarantine. An owner can look at why, and release or delete it.")


class ScannerOff(Conflict):
    code = "scanner_off"

    def __init__(self) -> None:
        super().__init__("The virus scanner is switched off here, so nothing can be scanned. Operators turn it on.")


class NothingToScan(Conflict):
    code = "nothing_to_scan"

    def __init__(self) -> None:
        super().__init__("This document has been scanned, or waits for it already.")


class NotInQuarantine(Conflict):
    code = "not_in_quarantine"

    def __init__(self) -> None:
        super().__init__("This document is not in quarantine any more.")


class DuplicateDocument(Conflict):
    """The same bytes are here already; `duplicates=keep` stores them as a second document."""

    code = "duplicate_document"

    def __init__(self, document_id: UUID, name: str) -> None:
        super().__init__(f"This file is already here as “{name}”. Keep both, or open the first one.")
        self.document_id, self.name = document_id, name

    def details(self) -> dict[str, Any]:
        return {"document_id": str(self.document_id), "document_name": self.name}


class FileTooLarge(ClasioError):
    code = "file_too_large"
    status = 413

    def __init__(self, limit_mb: int) -> None:
        super().__init__(f"This file is larger than {limit_mb} MB, the most that is accepted. Split or compress it.")


class NothingToRetry(Conflict):
    code = "nothing_to_retry"

    def __init__(self) -> None:
        super().__init__("This document is not in a failed state, so there is nothing to try again.")


class NothingToAccept(Conflict):
    code = "nothing_to_accept"

    def __init__(self) -> None:
        super().__init__("AI has not set this value, so there is nothing to accept.")


class NothingToTakeBack(Conflict):
    code = "nothing_to_take_back"

    def __init__(self) -> None:
        super().__init__("Nobody has changed this value, so there is nothing to undo.")


class CategoryGone(Conflict):
    code = "category_gone"

    def __init__(self) -> None:
        super().__init__("The category that stood here before was merged into another. Choose one from the list.")


class NotInTrash(Conflict):
    code = "not_in_trash"

    def __init__(self) -> None:
        super().__init__("Only a document in the trash can be removed for good. Move it to the trash first.")


class NothingToDownload(NotFound):
    code = "nothing_to_download"

    def __init__(self) -> None:
        super().__init__()
        self.message = "No document fits, so there is nothing to download."


class TooManyToDownload(Conflict):
    code = "too_many_to_download"

    def __init__(self, most: int) -> None:
        super().__init__(f"One file holds {most:,} documents at most. Narrow the filters, or export the organization.")
