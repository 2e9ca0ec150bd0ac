"""The same for every public service function, found by looking: called in another organization's scope."""

import importlib
import inspect
from collections.abc import Callable, Iterator
from typing import Any, get_type_hints
from uuid import UUID

import pytest
from psycopg.errors import InsufficientPrivilege
from sqlalchemy.exc import ProgrammingError

from clasio_backend.accounts.schemas import NewToken
from clasio_backend.activity.actions import Action
from clasio_backend.activity.schemas import ActivityFilter, ActivityQuery
from clasio_backend.analysis.analyzer import AnalysisRequest, AnalysisResult, Analyzer
from clasio_backend.analysis.gemini import GeminiAnalyzer
from clasio_backend.analysis.providers import get_analyzer
from clasio_backend.analysis.schemas import BulkAnalysis
from clasio_backend.analysis.service import analyse_document
from clasio_backend.analysis.skipping import OFF
from clasio_backend.core.clock import now
from clasio_backend.core.errors import ClasioError
from clasio_backend.core.gateway import Claim
from clasio_backend.core.ids import new_id
from clasio_backend.core.job_queue import QueueName, claim_next
from clasio_backend.core.scope import Role, Scope
from clasio_backend.core.unit_of_work import UnitOfWork, unit_of_work
from clasio_backend.documents.repository import DocumentRepository
from clasio_backend.documents.rescans import Which
from clasio_backend.documents.scanning import Verdict
from clasio_backend.documents.schemas import (
    ArchiveMember,
    ArchiveQuery,
    DocumentChange,
    DocumentQuery,
    IncomingFile,
    QuarantineQuery,
    Release,
    TrashQuery,
    ValueChoice,
)
from clasio_backend.documents.trash import trash_document
from clasio_backend.exports.repository import ExportRepository
from clasio_backend.exports.schemas import NewExport
from clasio_backend.integrations.oidc import Told
from clasio_backend.leaving.schemas import OrganizationDeletion
from clasio_backend.models import PendingSignIn, User
from clasio_backend.models.documents import Scan
from clasio_backend.ops.access import command_line
from clasio_backend.organizations.repository import OrganizationRepository
from clasio_backend.organizations.schemas import (
    CategoryChange,
    CategoryMerge,
    MemberChange,
    NewCategory,
    NewInvite,
    OrganizationChange,
)
from clasio_backend.search.schemas import SearchQuery
from clasio_backend.sharing.schemas import NewShare, ShareChange
from clasio_backend.usage.plans import PLANS, Meter
from clasio_backend.usage.schemas import DaysQuery
from clasio_backend.usage.words import refusal
from tests import factories
from tests.architecture.sources import PROJECT
from tests.cast import Actor
from tests.owned import SECRET, Owned, Untouched
from tests.servers import Servers

NOT_SERVICES = {"cli", "core", "demo", "http", "integrations", "models", "observability", "security"}
LEFT_OUT = {"found_organization": "runs only in the founding scope of an organization that is not there yet"}
MAY_ANSWER = {404, 400, 409}  # 400 is LostLease: the claim is not one's own; 409 a rule of the caller's organization


def service_functions() -> Iterator[Callable[..., Any]]:
    for path in sorted((PROJECT / "clasio_backend").glob("*/*.py")):
        if path.parent.name in NOT_SERVICES or path.name == "repository.py":
            continue
        module = importlib.import_module(f"clasio_backend.{path.parent.name}.{path.stem}")
        for name, function in inspect.getmembers(module, inspect.isfunction):
            is_own = function.__module__ == module.__name__ and not name.startswith("_")
            if is_own and _first(function) in {UnitOfWork, Scope} and name not in LEFT_OUT:
                yield function


def _first(function: Callable[..., Any]) -> object:
    names = list(inspect.signature(function).parameters)
    return get_type_hints(function).get(names[0]) if names else None


FUNCTIONS = list(service_functions())


@pytest.fixture(scope="module")
def arguments(bystander: Actor, bystanders: Owned, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """By the parameter's name: the owner's rows wherever an id is asked for."""
    factories.upload(bystander.scope, f"{SECRET} to read.txt")
    taken = claim_next(QueueName.READ, 8)
    assert taken is not None
    found = taken[0]
    assert found.organization_id == bystander.organization_id
    with unit_of_work(bystander.scope) as uow:
        document = uow.repository(DocumentRepository).get(bystanders.ids["document_id"])
        export = uow.repository(ExportRepository).get(bystanders.ids["export_id"])
        organization = uow.repository(OrganizationRepository).get()
    file = tmp_path_factory.mktemp("sent") / "received"
    file.write_bytes(b"sent by the test")
    return {
        **bystanders.ids,
        "claim": Claim(bystander.organization_id, found.job_id, found.lease_token),
        "document": document,
        "export": export,
        "query": {
            SearchQuery: SearchQuery(q=SECRET),
            DocumentQuery: DocumentQuery(),
            QuarantineQuery: QuarantineQuery(),
            TrashQuery: TrashQuery(),
            ArchiveQuery: ArchiveQuery(ids=[bystanders.ids["document_id"]]),
            ActivityQuery: ActivityQuery(document_id=bystanders.ids["document_id"]),
            DaysQuery: DaysQuery(),
        },
        "change": {
            DocumentChange: DocumentChange(name="planted.txt", category="Invoices", summary="planted"),
            CategoryChange: CategoryChange(name="planted", never_send=True, is_archived=True, place=1),
            MemberChange: MemberChange(role="member", is_active=False),
            ShareChange: ShareChange(expires_in_days=1),
            OrganizationChange: OrganizationChange(name="planted", max_share_days=1),
        },
        "wanted": {
            NewInvite: NewInvite(email="planted@example.org", role="owner"),
            NewCategory: NewCategory(name="planted"),
            CategoryMerge: CategoryMerge(into=bystanders.ids["category_id"]),
            ValueChoice: ValueChoice(value="category"),
            NewShare: NewShare(email="planted@example.org"),
            Release: Release(reason="planted"),
            ActivityFilter: ActivityFilter(document_id=bystanders.ids["document_id"]),
            NewExport: NewExport(kind="organization"),
            Analyzer: get_analyzer(),
            BulkAnalysis: BulkAnalysis(ids=[bystanders.ids["document_id"]]),
            OrganizationDeletion: OrganizationDeletion(name="Tara Tenant's company", password=factories.PASSWORD),
        },
        "organization": organization,
        "to_address": "planted@example.org",
        "purpose": "reset_password",
        "ended": [],
        "user": User(id=new_id(), email="planted@example.org", name="planted"),
        "template": "invite",
        "request": {
            NewToken: NewToken(name="planted"),
            AnalysisRequest: AnalysisRequest("planted.txt", "text/plain", "planted", "fast", ()),
        },
        "mode": "fast",
        "question": AnalysisRequest("planted.txt", "text/plain", "planted", "fast", (), sha256=document.sha256),
        "analyzer": GeminiAnalyzer("planted", "planted"),
        "result": AnalysisResult(category="other", document_type="Planted", summary="", model="planted"),
        "refused": refusal(Meter.DOCUMENTS, 1, PLANS["free"]),
        "key": new_id().hex,
        "skip": OFF,
        "code": "planted",
        "message": "planted",
        "role": Role.MEMBER,
        "plan": "pro",
        "amounts": {Meter.DOCUMENTS: 1},
        "meter": Meter.DOCUMENTS,
        "amount": 1,
        "of_plan": PLANS["free"],
        "before": 0,
        "after": PLANS["free"].limits[Meter.DOCUMENTS],
        "action": Action.DOCUMENT_CHANGED,
        "target_kind": "document",
        "target_id": bystanders.ids["document_id"],
        "kind": "test",
        "details": "test",
        "size_bytes": 1,
        "sha256": document.sha256,
        "service": trash_document,
        "ids": [bystanders.ids["document_id"]],
        "until": now(),
        "file": IncomingFile(file, "sent.txt", 16, "0" * 64),
        "source": "upload",
        "to_read": True,
        "pending": PendingSignIn(user_id=bystander.user_id, token_hash=b"planted", expires_at=now()),
        "signed_in": bystander.signed_in,
        "operator": command_line(),
        "current": bystanders.ids["session_id"],
        "cause": "test",
        "token": "unknown",
        "newcomer": None,
        "told": Told("https://planted.example", "planted", "planted@example.org", "planted"),
        "number": 1,
        "which": Which.NOT_SCANNED,
        "members": [ArchiveMember(bystanders.ids["document_id"], "planted.txt", document.sha256, 1)],
        "verdict": Verdict(Scan.CLEAN, None, "test"),
        "ip_address": "127.0.0.1",
        "user_agent": "tests",
    }


@pytest.fixture(scope="module")
def untouched(servers: Servers, bystander: Actor, arguments: dict[str, Any]) -> Untouched:
    """After `arguments`, which adds to what the owner has."""
    return Untouched(servers, bystander.organization_id)


def _fill(function: Callable[..., Any], arguments: dict[str, Any]) -> dict[str, Any]:
    """A new required parameter has to be given a value in `arguments`, so that no function is left out unseen."""
    filled: dict[str, Any] = {}
    for parameter in list(inspect.signature(function).parameters.values())[1:]:
        if parameter.kind == parameter.VAR_KEYWORD:
            continue
        if parameter.name in {"query", "change", "wanted", "request"}:
            filled[parameter.name] = arguments[parameter.name][get_type_hints(function)[parameter.name]]
        elif parameter.default is parameter.empty:
            assert parameter.name in arguments, f"give {function.__qualname__} a value for {parameter.name}"
            filled[parameter.name] = arguments[parameter.name]
    return filled


def test_the_functions_are_found() -> None:
    assert len(FUNCTIONS) >= 25
    assert analyse_document in FUNCTIONS


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: f"{function.__module__}.{function.__name__}")
def test_a_service_called_elsewhere_neither_shows_nor_changes_an_owners_rows(
    function: Callable[..., Any],
    other_tenant: Actor,
    arguments: dict[str, Any],
    bystanders: Owned,
    untouched: Untouched,
) -> None:
    _call_elsewhere(function, other_tenant, arguments, bystanders, untouched)


def test_one_guard_alone_is_enough_for_every_service(
    one_guard: str, other_tenant: Actor, arguments: dict[str, Any], bystanders: Owned, untouched: Untouched
) -> None:
    for function in FUNCTIONS:
        _call_elsewhere(function, other_tenant, arguments, bystanders, untouched)


def _call_elsewhere(
    function: Callable[..., Any], other_tenant: Actor, arguments: dict[str, Any], owned: Owned, untouched: Untouched
) -> None:
    filled = _fill(function, arguments)
    result: object = None
    try:
        if _first(function) is UnitOfWork:
            with unit_of_work(other_tenant.scope) as uow:
                result = function(uow, **filled)
        else:
            result = function(other_tenant.scope, **filled)
        if isinstance(result, Iterator):
            result = list(result)
    except ClasioError as refused:
        assert refused.status in MAY_ANSWER, refused  # noqa: PT017  # both outcomes are fine, this is one
        result = refused.message
    except ProgrammingError as refused:
        assert isinstance(refused.orig, InsufficientPrivilege)  # noqa: PT017  # the policies refused it
    assert owned.leaks_into(repr(result)) - _given(filled) == set()
    untouched.check(function.__qualname__)


def _given(filled: dict[str, Any]) -> set[str]:
    """Ids that the caller had and gets back say nothing new."""
    values = [one for value in filled.values() for one in (value if isinstance(value, list) else [value])]
    return {str(value) for value in values if isinstance(value, UUID)}
