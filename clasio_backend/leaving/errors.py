from clasio_backend.core.errors import Conflict, ValidationFailed


class OnlyOwner(Conflict):
    """Without this person nobody could manage an organization in which others are."""

    code = "only_owner"

    def __init__(self, organizations: list[str]) -> None:
        names = " and ".join(f"“{name}”" for name in organizations)
        super().__init__(
            f"You are the only owner of {names}, where others are members. Make somebody else an owner first, or "
            "delete that organization."
        )


class LastOperator(Conflict):
    code = "last_operator"

    def __init__(self) -> None:
        super().__init__(
            "You are the only operator of this Clasio. Make somebody else an operator first: without one nobody can "
            "see to its jobs and backups."
        )


class NameDiffers(ValidationFailed):
    """What was typed is not the organization's name."""

    code = "name_differs"

    def __init__(self) -> None:
        message = "This is not the organization's name. Type it exactly as it is written above."
        super().__init__(message, {"name": message})
