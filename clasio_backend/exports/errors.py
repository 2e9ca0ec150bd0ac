from clasio_backend.core.errors import ClasioError, Conflict, NotFound, ValidationFailed


class ExportNotFound(NotFound):
    """Also for an export that has expired, and for somebody else's."""

    code = "export_not_found"

    def __init__(self) -> None:
        super().__init__("export")


class ExportRunning(Conflict):
    code = "export_running"

    def __init__(self) -> None:
        super().__init__("An export of this kind is being made for you already. Wait for it, or cancel it.")


class NotReadyYet(Conflict):
    code = "export_not_ready"

    def __init__(self) -> None:
        super().__init__("This export is not ready yet. Its progress is on the page Settings.")


class NoLongerAllowed(ClasioError):
    """The person who asked has left, or is no longer an owner."""

    code = "no_longer_allowed"
    status = 403

    def __init__(self) -> None:
        super().__init__("Whoever asked for this export may not have it any more.")


class BadArchive(ValidationFailed):
    """The file to import is not an export, or is not whole; nothing of it was kept."""

    code = "bad_archive"


class NewerArchive(BadArchive):
    code = "newer_archive"

    def __init__(self, schema_version: int, known: int) -> None:
        super().__init__(
            f"This export has schema version {schema_version}, and this Clasio reads versions up to {known}. "
            "Update Clasio, then import it again."
        )


class NoOwner(ValidationFailed):
    code = "no_owner"

    def __init__(self) -> None:
        super().__init__("Nobody in this export is an active owner. Name one with --owner-email.")


class TooMuchForPlan(Conflict):
    code = "too_much_for_plan"

    def __init__(self, plan: str, documents: int, size_bytes: int) -> None:
        super().__init__(
            f"This export has {documents:,} documents with {size_bytes / 1_000_000:,.0f} MB. The plan {plan}, which "
            "new organizations get here, has no room for that. Set DEFAULT_PLAN to a larger plan for the import."
        )


class ImportTakenAway(Conflict):
    """The clean-up took a silent import for dead."""

    code = "import_taken_away"

    def __init__(self) -> None:
        super().__init__("The import stood still for too long and was cleared away. Start it again.")
