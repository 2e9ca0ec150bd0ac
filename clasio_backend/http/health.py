"""`/healthz`: this process lives. `/readyz`: people can work; 503 names the part that fails."""

from collections.abc import Callable

from fastapi import APIRouter, Response
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from clasio_backend.core.db import get_engine, ping
from clasio_backend.core.migrate import pending_revisions
from clasio_backend.core.redis import JOBS_DATABASE, shared
from clasio_backend.core.workers import living_kinds

router = APIRouter(include_in_schema=False)
NEEDED_KINDS = {"worker", "control"}


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    return {"status": "ok"}


@router.get("/readyz")
def readyz(response: Response) -> dict[str, object]:
    parts = {name: _state(check) for name, check in CHECKS.items()}
    failing = [name for name, state in parts.items() if state != "ok"]
    if failing:
        response.status_code = 503
    return {"status": "failing" if failing else "ok", "parts": parts, "failing": failing}


def _state(check: Callable[[], str]) -> str:
    try:
        return check()
    except (SQLAlchemyError, RedisError, OSError) as error:
        return type(error).__name__


def _database() -> str:
    ping()
    return "ok"


def _redis() -> str:
    shared(JOBS_DATABASE).ping()
    return "ok"


def _migrations() -> str:
    return "not up to date" if pending_revisions(get_engine()) else "ok"


def _workers() -> str:
    missing = sorted(NEEDED_KINDS - living_kinds())
    return f"missing: {', '.join(missing)}" if missing else "ok"


CHECKS: dict[str, Callable[[], str]] = {
    "database": _database,
    "redis": _redis,
    "migrations": _migrations,
    "workers": _workers,
}
