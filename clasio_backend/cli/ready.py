"""Waits until people can work: asks `/readyz`, and says what keeps it from answering 200."""

import http.client
import json
import time

from clasio_backend.cli.embedded.supervisor import Supervisor

READY_SECONDS = 600  # the first start builds the pages
NO_ANSWER = "the web process does not answer"


def wait_until_ready(supervisor: Supervisor, host: str, port: int) -> str:
    """Watches over the processes meanwhile; an empty answer says that all is well, another one what is missing."""
    until = time.monotonic() + READY_SECONDS
    missing = NO_ANSWER

    def look() -> bool:
        nonlocal missing
        missing = missing_part(host, port)
        return not missing or time.monotonic() > until

    supervisor.watch(until=look)
    return missing


def missing_part(host: str, port: int) -> str:
    """What `/readyz` names as failing; empty when people can work. Asks directly, whatever proxy is set."""
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        answer = connection.getresponse()
        body = answer.read()
    except (OSError, http.client.HTTPException):
        return NO_ANSWER
    finally:
        connection.close()
    if answer.status == http.client.OK:
        return ""
    try:
        parts: dict[str, str] = json.loads(body)["parts"]
    except (ValueError, KeyError):
        return f"the web process answers {answer.status}"
    return ", ".join(f"{part} ({state})" for part, state in parts.items() if state != "ok")
