from clasio_backend.core.errors import ClasioError


class ServerDidNotStart(ClasioError):
    """The message says where to look, or what to use instead."""

    code = "server_did_not_start"
    status = 500
