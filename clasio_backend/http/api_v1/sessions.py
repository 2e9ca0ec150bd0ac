from uuid import UUID

from fastapi import APIRouter, Response

from clasio_backend.accounts import sessions
from clasio_backend.accounts.schemas import EndedSessions, SessionRow
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.http.api_v1.answers import problems
from clasio_backend.http.callers import CallingSession

router = APIRouter(prefix="/sessions", tags=["sessions"])


@router.get("", responses=problems())
def list_sessions(caller: CallingSession) -> list[SessionRow]:
    """The browsers that are signed in as the caller. For browsers alone: an API token has no business with them."""
    with unit_of_work(caller.scope) as uow:
        return sessions.list_sessions(uow, caller.session_id)


@router.delete("", responses=problems())
def end_other_sessions(caller: CallingSession) -> EndedSessions:
    """Signs out everywhere but here."""
    with unit_of_work(caller.scope) as uow:
        return EndedSessions(sessions.end_other_sessions(uow, caller.session_id))


@router.delete("/{session_id}", status_code=204, responses=problems(404), response_class=Response)
def end_session(caller: CallingSession, session_id: UUID) -> None:
    """Signs one browser out."""
    with unit_of_work(caller.scope) as uow:
        sessions.end_session(uow, session_id)
