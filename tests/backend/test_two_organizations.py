"""Two organizations with the same file names and the same bytes do at random whatever people do, side by side.

After each step everything that either can see is compared with a model that knows nothing of the other: no foreign row,
count, snippet, suggestion, name or file may be among it.
"""

import hashlib
import io
import zipfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import UUID

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from clasio_backend.activity.schemas import ActivityQuery
from clasio_backend.activity.service import list_activity
from clasio_backend.analysis.service import request_analysis
from clasio_backend.core.errors import NotFound
from clasio_backend.core.unit_of_work import UnitOfWork, unit_of_work
from clasio_backend.documents.archive import plan_archive, stream_archive
from clasio_backend.documents.bulk import DONE, each
from clasio_backend.documents.errors import DuplicateDocument, NothingToDownload
from clasio_backend.documents.schemas import ArchiveQuery, DocumentChange, DocumentQuery, TrashQuery
from clasio_backend.documents.service import (
    change_document,
    count_documents,
    get_document,
    get_text,
    list_documents,
    open_content,
    stream_content,
)
from clasio_backend.documents.trash import count_trash, list_trash, purge_document, restore_document, trash_document
from clasio_backend.organizations.service import list_categories
from clasio_backend.search.schemas import SearchQuery
from clasio_backend.search.service import search_documents
from clasio_backend.sharing import visits
from clasio_backend.sharing.errors import ShareNotFound
from clasio_backend.sharing.schemas import NewShare
from clasio_backend.sharing.service import list_shares, revoke_share, share_document
from clasio_backend.usage.plans import Meter
from clasio_backend.usage.service import read_usage, reconcile
from tests import cast, factories
from tests.cast import Actor
from tests.servers import Servers
from tests.worker import Worker

NAMES = ("ledger.txt", "minutes.txt", "voucher.txt")
TEXTS = {"quokka": "the quokka clause", "wombat": "a wombat of the second sort", "numbat": "no numbat before noon"}
WORDS = (*TEXTS, "bandicoot")
"""Nothing else that Clasio makes of these texts contains them, and no two are alike enough for the typing tolerance."""
TENANTS = st.integers(0, 1)
PICKS = st.integers(0, 1_000)


@dataclass
class Known:
    """A document as its organization should see it."""

    name: str
    word: str
    summary: str | None = None
    is_read: bool = False
    is_trashed: bool = False

    @property
    def size_bytes(self) -> int:
        return len(TEXTS[self.word])

    def has(self, word: str) -> bool:
        return (self.is_read and word == self.word) or word == self.summary


@dataclass
class Tenant:
    actor: Actor
    documents: dict[UUID, Known] = field(default_factory=dict)
    purged: set[UUID] = field(default_factory=set)
    links: dict[UUID, tuple[str, UUID]] = field(default_factory=dict)
    """Of each open share: its token and its document."""

    @contextmanager
    def step(self) -> Iterator[UnitOfWork]:
        with unit_of_work(self.actor.scope) as uow:
            yield uow

    def those(self, *, trashed: bool) -> set[UUID]:
        return {document_id for document_id, known in self.documents.items() if known.is_trashed == trashed}


class TwoOrganizations(RuleBasedStateMachine):
    """Any id may be the other's: then the step has to be refused as if there were no such thing."""

    def __init__(self, servers: Servers, worker: Worker) -> None:
        super().__init__()
        self.servers, self.worker = servers, worker
        self.tenants = (Tenant(cast.owner("Anna Aye")), Tenant(cast.owner("Bert Bee")))

    def some_document(self, pick: int) -> UUID:
        everything = sorted(document_id for tenant in self.tenants for document_id in tenant.documents)
        return everything[pick % len(everything)]

    def has_documents(self) -> bool:
        return any(tenant.documents for tenant in self.tenants)

    @rule(number=TENANTS, name=st.sampled_from(NAMES), word=st.sampled_from(sorted(TEXTS)), keep=st.booleans())
    def upload(self, number: int, name: str, word: str, keep: bool) -> None:
        tenant = self.tenants[number]
        same = {
            row: tenant.documents[row].name for row in tenant.those(trashed=False) if tenant.documents[row].word == word
        }
        if same and not keep:
            with pytest.raises(DuplicateDocument) as refused:
                factories.upload(tenant.actor.scope, name, TEXTS[word])
            assert (refused.value.document_id, refused.value.name) in same.items()
        else:
            row = factories.upload(tenant.actor.scope, name, TEXTS[word], keep_duplicate=keep)
            tenant.documents[row.id] = Known(name, word)

    @rule()
    def work(self) -> None:
        self.worker.run_all()
        for tenant in self.tenants:
            for known in tenant.documents.values():
                known.is_read = True

    @precondition(has_documents)
    @rule(number=TENANTS, pick=PICKS, name=st.sampled_from(NAMES), summary=st.sampled_from(("bandicoot", *TEXTS)))
    def edit(self, number: int, pick: int, name: str, summary: str) -> None:
        tenant, document_id = self.tenants[number], self.some_document(pick)
        with refused_unless(document_id in tenant.documents), tenant.step() as uow:
            change_document(uow, document_id, DocumentChange(name=name, summary=summary, category="Contracts"))
            tenant.documents[document_id].name, tenant.documents[document_id].summary = name, summary

    @precondition(has_documents)
    @rule(number=TENANTS, pick=PICKS)
    def trash(self, number: int, pick: int) -> None:
        tenant, document_id = self.tenants[number], self.some_document(pick)
        with refused_unless(document_id in tenant.documents), tenant.step() as uow:
            trash_document(uow, document_id)
            tenant.documents[document_id].is_trashed = True

    @precondition(has_documents)
    @rule(number=TENANTS, pick=PICKS)
    def restore(self, number: int, pick: int) -> None:
        tenant, document_id = self.tenants[number], self.some_document(pick)
        with refused_unless(document_id in tenant.documents), tenant.step() as uow:
            restore_document(uow, document_id)
            tenant.documents[document_id].is_trashed = False

    @precondition(lambda self: any(tenant.those(trashed=True) for tenant in self.tenants))
    @rule(number=TENANTS, pick=PICKS)
    def purge(self, number: int, pick: int) -> None:
        tenant = self.tenants[number]
        in_trash = sorted(document_id for each in self.tenants for document_id in each.those(trashed=True))
        document_id = in_trash[pick % len(in_trash)]
        with refused_unless(document_id in tenant.documents), tenant.step() as uow:
            purge_document(uow, document_id)
            self.forget(tenant, document_id)

    def forget(self, tenant: Tenant, document_id: UUID) -> None:
        del tenant.documents[document_id]
        tenant.purged.add(document_id)
        tenant.links = {share_id: link for share_id, link in tenant.links.items() if link[1] != document_id}

    @precondition(has_documents)
    @rule(number=TENANTS, action=st.sampled_from(["trash", "restore", "purge"]))
    def do_the_same_with_many(self, number: int, action: str) -> None:
        """All documents there are, the other's among them."""
        tenant = self.tenants[number]
        service = {"trash": trash_document, "restore": restore_document, "purge": purge_document}[action]
        asked = [document_id for each_of in self.tenants for document_id in each_of.documents]
        for result in each(tenant.actor.scope, service, asked):
            known = tenant.documents.get(result.id)
            if known is None:
                assert (result.code, result.name) == ("document_not_found", "")
            elif result.code == DONE and action == "purge":
                self.forget(tenant, result.id)
            elif result.code == DONE:
                known.is_trashed = action == "trash"

    @precondition(has_documents)
    @rule(number=TENANTS, pick=PICKS)
    def analyse(self, number: int, pick: int) -> None:
        tenant, document_id = self.tenants[number], self.some_document(pick)
        known = tenant.documents.get(document_id)
        if known is not None and (not known.is_read or known.is_trashed):
            return  # nothing to analyse
        with refused_unless(known is not None), tenant.step() as uow:
            request_analysis(uow, document_id, "fast", key="again")

    @precondition(has_documents)
    @rule(number=TENANTS, pick=PICKS)
    def share(self, number: int, pick: int) -> None:
        tenant, document_id = self.tenants[number], self.some_document(pick)
        known = tenant.documents.get(document_id)
        may = known is not None and not known.is_trashed
        with refused_unless(may), tenant.step() as uow:
            created = share_document(uow, document_id, NewShare(access="editor"))
            tenant.links[created.id] = (created.link.rpartition("/")[2], document_id)

    @precondition(lambda self: any(tenant.links for tenant in self.tenants))
    @rule(number=TENANTS, pick=PICKS)
    def revoke(self, number: int, pick: int) -> None:
        tenant = self.tenants[number]
        shares = sorted(share_id for each_of in self.tenants for share_id in each_of.links)
        share_id = shares[pick % len(shares)]
        with refused_unless(share_id in tenant.links), tenant.step() as uow:
            revoke_share(uow, share_id)
            del tenant.links[share_id]

    @precondition(lambda self: any(tenant.links for tenant in self.tenants))
    @rule()
    def open_every_share(self) -> None:
        for tenant in self.tenants:
            for token, document_id in tenant.links.values():
                known = tenant.documents[document_id]
                if known.is_trashed:
                    with pytest.raises(ShareNotFound):
                        visits.open_share(token, None)
                    continue
                opened = visits.open_share(token, None)
                shown = visits.look(opened)
                assert (shown.document.id, shown.document.name) == (document_id, known.name)
                assert shown.shared_by == tenant.actor.name
                with unit_of_work(opened.scope) as uow:
                    seen = {row.id for row in list_documents(uow, DocumentQuery()).items}
                    assert seen == {document_id}
                    assert content_of(uow, document_id) == TEXTS[known.word].encode()

    @precondition(has_documents)
    @rule(number=TENANTS, pick=PICKS)
    def look_at_one(self, number: int, pick: int) -> None:
        tenant, document_id = self.tenants[number], self.some_document(pick)
        with refused_unless(document_id in tenant.documents), tenant.step() as uow:
            known = tenant.documents[document_id] if document_id in tenant.documents else Known("", "quokka")
            assert get_document(uow, document_id).name == known.name
            assert get_text(uow, document_id).text == (TEXTS[known.word] if known.is_read else "")
            assert content_of(uow, document_id) == TEXTS[known.word].encode()

    @rule(number=TENANTS, by_ids=st.booleans())
    def download_many(self, number: int, by_ids: bool) -> None:
        tenant = self.tenants[number]
        asked = [document_id for each_of in self.tenants for document_id in each_of.documents] if by_ids else []
        try:
            with tenant.step() as uow:
                members = plan_archive(uow, ArchiveQuery(ids=asked))
        except NothingToDownload:
            assert tenant.those(trashed=False) == set()
            return
        packed = b"".join(stream_archive(tenant.actor.scope, members))
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            files = Counter(archive.read(name).decode() for name in archive.namelist())
        assert files == Counter(TEXTS[tenant.documents[row].word] for row in tenant.those(trashed=False))

    @invariant()
    def lists_counts_and_files_are_ones_own(self) -> None:
        for tenant in self.tenants:
            live, trashed = tenant.those(trashed=False), tenant.those(trashed=True)
            with tenant.step() as uow:
                assert {row.id for row in list_documents(uow, DocumentQuery()).items} == live
                assert {row.document.id for row in list_trash(uow, TrashQuery()).items} == trashed
                assert (count_documents(uow).total, count_trash(uow)) == (len(live), len(trashed))
                used = {meter.meter: meter.used for meter in read_usage(uow).meters}
                assert used[Meter.DOCUMENTS] == len(live)
                assert used[Meter.STORAGE_BYTES] == sum(tenant.documents[row].size_bytes for row in live)
                assert reconcile(uow) == {}
                shared = {row.id for row in list_shares(uow)}
                assert shared == {share for share, link in tenant.links.items() if link[1] in live}
                known = {None, *tenant.documents, *tenant.purged}
                entries = list_activity(uow, ActivityQuery(limit=200)).items
                assert {row.target_id for row in entries if row.target_kind == "document"} <= known
                assert {row.who for row in entries} <= {tenant.actor.name, "Clasio", "A visitor"}
                assert len(list_categories(uow)) == len({row.name for row in list_categories(uow)})
            assert {known.word for known in tenant.documents.values()} <= self.stored(tenant)

    def stored(self, tenant: Tenant) -> set[str]:
        folder = self.servers.folder / "blobs" / str(tenant.actor.organization_id)
        names = {path.name for path in folder.rglob("*") if path.is_file()}
        return {word for word, text in TEXTS.items() if hashlib.sha256(text.encode()).hexdigest() in names}

    @invariant()
    def search_finds_ones_own(self) -> None:
        for tenant in self.tenants:
            live = tenant.those(trashed=False)
            for word in WORDS:
                wanted = {row for row in live if tenant.documents[row].has(word)}
                with tenant.step() as uow:
                    page = search_documents(uow, SearchQuery(q=word, limit=100))
                hits = {hit.document.id for hit in page.items}
                # An analysis writes its own summary from the text, which then may have the word as well.
                assert wanted <= hits <= live, word
                assert page.total == len(hits) == sum(facet.hits for facet in page.types)
                for hit in page.items:
                    known = tenant.documents[hit.document.id]
                    assert "".join(part.text for part in hit.name) == known.name
                    assert "".join(part.text for part in hit.snippet) in {"", TEXTS[known.word]}


@contextmanager
def refused_unless(allowed: bool) -> Iterator[None]:
    """Not found when the thing is the other's, and only then."""
    if allowed:
        yield
        return
    with pytest.raises(NotFound):
        yield


def content_of(uow: UnitOfWork, document_id: UUID) -> bytes:
    return b"".join(stream_content(open_content(uow, document_id)))


def test_two_organizations_never_see_a_foreign_row_count_snippet_suggestion_or_file(
    servers: Servers, worker: Worker
) -> None:
    without_shrinking = settings(max_examples=6, stateful_step_count=30, phases=[Phase.generate])  # it takes minutes
    run_state_machine_as_test(lambda: TwoOrganizations(servers, worker), settings=without_shrinking)
