from clasio_backend.core.errors import Conflict, NotFound


class CannotRetry(Conflict):
    """`why` says what another try would need that is gone."""

    code = "cannot_retry"

    def __init__(self, why: str) -> None:
        super().__init__(f"This job cannot be tried again. {why} Drop it instead.")


class AlreadyWaiting(Conflict):
    code = "already_waiting"

    def __init__(self) -> None:
        super().__init__("This schedule's work waits or runs already. Look again when it is done.")


class DeadJobNotFound(NotFound):
    code = "job_not_found"

    def __init__(self) -> None:
        super().__init__("dead job")
