"""The organization's own list of categories: what owners change, and what becomes of the documents."""

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from pydantic import ValidationError

from clasio_backend.activity.service import list_latest
from clasio_backend.core.errors import ClasioError, NotFound, ValidationFailed
from clasio_backend.core.ids import new_id
from clasio_backend.core.job_queue import JobKind, enqueue
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.documents.schemas import DocumentChange, DocumentDetail
from clasio_backend.documents.service import change_document, get_document
from clasio_backend.organizations import categories
from clasio_backend.organizations.errors import CannotMerge, CategoryIsMerging, CategoryTaken, TooManyCategories
from clasio_backend.organizations.schemas import CategoryChange, CategoryMerge, CategoryRow, NewCategory
from clasio_backend.organizations.service import list_categories
from clasio_backend.search.schemas import SearchQuery
from clasio_backend.search.service import search_documents
from tests import factories
from tests.cast import Actor
from tests.worker import Worker


def listed(actor: Actor) -> list[str]:
    with unit_of_work(actor.scope) as uow:
        return [row.name for row in list_categories(uow)]


def everything(actor: Actor) -> dict[str, CategoryRow]:
    with unit_of_work(actor.scope) as uow:
        return {row.name: row for row in categories.list_all_categories(uow)}


def add(actor: Actor, name: str, *, never_send: bool = False) -> CategoryRow:
    with unit_of_work(actor.scope) as uow:
        return categories.add_category(uow, NewCategory(name=name, never_send=never_send))


def change(actor: Actor, name: str, /, **values: object) -> CategoryRow:
    row = everything(actor)[name]
    with unit_of_work(actor.scope) as uow:
        return categories.change_category(uow, row.id, CategoryChange.model_validate(values))


def merge(actor: Actor, name: str, into: str) -> CategoryRow:
    rows = everything(actor)
    with unit_of_work(actor.scope) as uow:
        return categories.merge_category(uow, rows[name].id, CategoryMerge(into=rows[into].id))


def document_in(actor: Actor, worker: Worker, category: str, name: str = "note.txt") -> UUID:
    document = factories.upload(actor.scope, name)
    worker.run_all()
    with unit_of_work(actor.scope) as uow:
        change_document(uow, document.id, DocumentChange(category=category))
    return document.id


def shown(actor: Actor, document_id: UUID) -> DocumentDetail:
    with unit_of_work(actor.scope) as uow:
        return get_document(uow, document_id)


def found(actor: Actor, words: str) -> set[UUID]:
    with unit_of_work(actor.scope) as uow:
        return {hit.document.id for hit in search_documents(uow, SearchQuery(q=words), with_facets=False).items}


def test_a_category_is_added_at_the_end_and_moved(owner: Actor) -> None:
    before = listed(owner)
    add(owner, "  Building plans ")
    assert listed(owner) == [*before, "Building plans"]
    change(owner, "Building plans", place=2)
    assert listed(owner) == [before[0], "Building plans", *before[1:]]
    change(owner, "Building plans", place=1000)
    assert listed(owner) == [*before, "Building plans"]


@pytest.mark.parametrize("name", ["", "   ", "two\nlines", "x" * 101, "nul\x00", "Other", "other"])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(ValidationError):
        NewCategory(name=name)


@pytest.mark.parametrize("name", ["invoices", "INVOICES", "Größen", "GRÖSSEN".replace("SS", "ß")])
def test_a_name_is_there_once_however_it_is_written(owner: Actor, name: str) -> None:
    add(owner, "größen")
    with pytest.raises(CategoryTaken):
        add(owner, name)
    with pytest.raises(CategoryTaken):
        change(owner, "Tax", name=name)
    assert change(owner, "größen", name="GRÖßEN").name == "GRÖßEN"  # its own name may be written differently


def test_there_are_a_hundred_at_most(owner: Actor) -> None:
    for number in range(categories.MAX_CATEGORIES - len(listed(owner))):
        add(owner, f"Category {number}")
    with pytest.raises(TooManyCategories):
        add(owner, "One more")


def test_a_renamed_category_stays_on_its_documents_and_is_found_by_its_new_name(owner: Actor, worker: Worker) -> None:
    document_id = document_in(owner, worker, "Certificates")
    assert found(owner, "certificates") == {document_id}
    change(owner, "Certificates", name="Zeugnisse")
    worker.run_all()
    assert shown(owner, document_id).category == "Zeugnisse"
    assert (found(owner, "zeugnisse"), found(owner, "certificates")) == ({document_id}, set())


def test_an_archived_category_is_not_offered_and_stays_on_its_documents(owner: Actor, worker: Worker) -> None:
    document_id = document_in(owner, worker, "Tax")
    change(owner, "Tax", is_archived=True)
    assert "Tax" not in listed(owner)
    assert shown(owner, document_id).category == "Tax"
    with pytest.raises(ValidationFailed), unit_of_work(owner.scope) as uow:
        change_document(uow, document_id, DocumentChange(category="Tax"))
    with pytest.raises(CategoryTaken, match="Restore the archived one"):
        add(owner, "tax")
    change(owner, "Tax", is_archived=False)
    assert "Tax" in listed(owner)


def test_merging_moves_the_documents_with_their_labels_and_removes_the_category(owner: Actor, worker: Worker) -> None:
    moved = [document_in(owner, worker, "Quotes and orders", f"{name}.txt") for name in ("one", "two")]
    kept = document_in(owner, worker, "Reports")
    merge(owner, "Quotes and orders", "Contracts")
    assert "Quotes and orders" not in listed(owner)
    worker.run_all()
    assert "Quotes and orders" not in everything(owner)
    assert [shown(owner, one).category for one in (*moved, kept)] == ["Contracts", "Contracts", "Reports"]
    assert (found(owner, "contracts"), found(owner, "quotes")) == (set(moved), set())
    assert add(owner, "Quotes and orders").name in listed(owner)  # the name is free again


def test_many_documents_are_moved_in_batches(owner: Actor, worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clasio_backend.documents.categories.BATCH", 2)
    moved = [document_in(owner, worker, "Tax", f"{number}.txt") for number in range(5)]
    merge(owner, "Tax", "Insurance")
    worker.run_all()
    assert {shown(owner, one).category for one in moved} == {"Insurance"}
    assert found(owner, "insurance") == set(moved)


def test_documents_of_a_category_that_is_never_sent_keep_that_when_they_are_merged(
    owner: Actor, worker: Worker
) -> None:
    change(owner, "Payslips", never_send=True)
    document_id = document_in(owner, worker, "Payslips")
    merge(owner, "Payslips", "Letters")
    worker.run_all()
    assert (shown(owner, document_id).category, shown(owner, document_id).never_send) == ("Letters", True)


def test_what_cannot_be_merged_is_refused_in_words(owner: Actor, worker: Worker) -> None:
    with pytest.raises(CannotMerge):
        merge(owner, "Tax", "Tax")
    change(owner, "Forms", is_archived=True)
    with pytest.raises(CannotMerge, match="archived"):
        merge(owner, "Tax", "Forms")
    merge(owner, "Tax", "Insurance")
    for again in (lambda: merge(owner, "Tax", "Letters"), lambda: merge(owner, "Insurance", "Letters")):
        with pytest.raises(CategoryIsMerging):
            again()
    for refused in ({"name": "Taxes"}, {"is_archived": False}):
        with pytest.raises(CategoryIsMerging):
            change(owner, "Tax", **refused)
    with pytest.raises(CategoryIsMerging):
        change(owner, "Insurance", is_archived=True)
    worker.run_all()
    assert change(owner, "Insurance", is_archived=True).is_archived


def test_a_job_that_comes_twice_changes_nothing_more(owner: Actor, worker: Worker) -> None:
    document_id = document_in(owner, worker, "Tax")
    tax = everything(owner)["Tax"].id
    change(owner, "Tax", name="Taxes")
    merge(owner, "Taxes", "Insurance")
    worker.run_all()
    with unit_of_work(owner.scope) as uow:
        enqueue(uow, JobKind.FOLLOW_CATEGORY, new_id().hex, payload={"category_id": str(tax)})
    worker.run_all()
    assert shown(owner, document_id).category == "Insurance"
    assert {job["state"] for job in worker.jobs_of(owner.organization_id)} == {"succeeded"}


def test_owners_who_change_the_same_at_once_take_turns(owner: Actor, worker: Worker) -> None:
    def attempt(name: str, into: str) -> str:
        try:
            if into:
                merge(owner, "Tax", into)
            else:
                change(owner, "Insurance", name=name)
        except (ClasioError, KeyError) as refused:
            return type(refused).__name__
        return "done"

    with ThreadPoolExecutor(8) as pool:
        merges = list(pool.map(lambda into: attempt("", into), ["Letters", "Reports", "Forms", "Manuals"]))
        renames = list(pool.map(lambda name: attempt(name, ""), ["Cover", "COVER", "cover", "Policies"]))
    assert merges.count("done") == 1
    assert set(merges) == {"done", "CategoryIsMerging"}
    assert renames.count("done") >= 1
    worker.run_all()
    assert len({"Cover", "COVER", "cover", "Policies"} & set(listed(owner))) == 1


def test_only_owners_change_the_list(owner: Actor, member: Actor) -> None:
    tax = everything(owner)["Tax"].id
    for refused in (
        lambda uow: categories.add_category(uow, NewCategory(name="Mine")),
        lambda uow: categories.change_category(uow, tax, CategoryChange(name="Mine")),
        lambda uow: categories.merge_category(uow, tax, CategoryMerge(into=tax)),
    ):
        with pytest.raises(NotFound), unit_of_work(member.scope) as uow:
            refused(uow)
    assert "Tax" in listed(member)


def test_every_change_of_the_list_is_written_down(owner: Actor) -> None:
    add(owner, "Plans")
    change(owner, "Plans", name="Building plans", never_send=True)
    change(owner, "Building plans", is_archived=True)
    change(owner, "Building plans", is_archived=False)
    merge(owner, "Building plans", "Reports")
    with unit_of_work(owner.scope) as uow:
        rows = list_latest(uow, limit=6)
    told = [f"{row.sentence} {row.target_name} {row.detail}".strip() for row in reversed(rows)]
    assert told == [
        "added the category Plans",
        "changed the category Plans from Plans to Building plans",
        "changed the category Building plans never send to AI from off to on",
        "archived the category Building plans",
        "restored the category Building plans",
        "merged the category Building plans into Reports",
    ]
