"""Why a file could not be read, in words for the person who uploaded it."""

from clasio_backend.core.errors import ClasioError

_AGAIN = "Open it in its own program, save it again and upload that copy."

MESSAGES = {
    "empty": "This file is empty (0 bytes). Upload it again.",
    "encrypted": "This file is protected by a password. Remove the password and upload it again.",
    "broken": f"This file is damaged and could not be read. {_AGAIN}",
    "no_text": "No text was found in this file, so it can be found by its name only.",
    "ocr_missing": (
        "This file holds pictures of text only, and text recognition is not installed on this server. "
        "An administrator can install tesseract; then read the document again."
    ),
    "too_complex": (
        "Reading this file would take more memory than an honest document needs, so reading was stopped. "
        "Export it as a plain PDF, or split it, and upload that."
    ),
    "timeout": "Reading this file took too long and was stopped. Split it into smaller files, or export it as a PDF.",
    "crashed": f"This file made the reader crash, so it was put aside. {_AGAIN}",
    "unsupported": "Files of this type cannot be read.",
    "no_such_page": "This file has no such page.",
}


class Unreadable(ClasioError):
    """The file is to blame, and trying again would not help; `code` is a key of `MESSAGES`.

    `cause` names the technical reason for the log (such as an exception's name), never for a page.
    """

    code = "unreadable"
    status = 422

    def __init__(self, code: str, message: str | None = None, *, cause: str = "") -> None:
        super().__init__(message or MESSAGES[code], code=code)
        self.cause = cause


class ReaderUnavailable(ClasioError):
    """The reader could not start or was killed from outside: nothing is known about the file."""

    code = "reader_unavailable"
    status = 503
    retryable = True

    def __init__(self, cause: str) -> None:
        super().__init__("The file reader is not available right now. Try again in a minute.")
        self.cause = cause
