from clasio_backend.core.errors import ClasioError, Conflict, NotFound, ValidationFailed


class ShareNotFound(NotFound):
    """Unknown, expired and revoked links are the same answer, and so is one whose document is in the trash."""

    code = "share_not_found"

    def __init__(self) -> None:
        super().__init__()
        self.message = "This link does not work any more. Ask the person who sent it for a new one."


class SharePasswordNeeded(ClasioError):
    """The link is good; its password has not been given yet."""

    code = "share_password_needed"
    status = 401

    def __init__(self) -> None:
        super().__init__("This document is protected by a password. Type it to go on.")


class WrongSharePassword(ClasioError):
    code = "wrong_share_password"
    status = 401

    def __init__(self) -> None:
        super().__init__("This is not the password. Check it, or ask the person who sent the link.")


class TooLong(ValidationFailed):
    """Longer than the owners allow."""

    code = "share_too_long"

    def __init__(self, max_days: int) -> None:
        message = f"In this organization a share lasts {max_days} days at most. Choose fewer days."
        super().__init__(message, {"expires_in_days": message})


class TooManyShares(Conflict):
    code = "too_many_shares"

    def __init__(self) -> None:
        super().__init__("This document has many open shares already. Revoke some before you add more.")
