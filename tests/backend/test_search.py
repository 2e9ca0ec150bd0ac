from datetime import UTC, datetime
from uuid import UUID

import pytest

from clasio_backend.core.errors import ValidationFailed
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.documents.schemas import DocumentChange
from clasio_backend.documents.service import change_document
from clasio_backend.documents.trash import restore_document, trash_document
from clasio_backend.models.documents import Stage
from clasio_backend.search.schemas import SearchPage, SearchQuery, SnippetPart
from clasio_backend.search.service import search_documents
from tests import cast, factories
from tests.cast import Actor
from tests.servers import Servers
from tests.worker import Worker

LIBRARY = {
    "Mietvertrag Berlin.txt": "Der Mieter zahlt die Miete monatlich im Voraus an die Vermieterin.",
    "Jahresbericht 2025.txt": "The annual report shows solar energy growing while coal energy shrinks.",
    "Café résumé.txt": "Künstlerische Leitung: Zoë Müller, Straße der Erinnerung 5",
    "請求書.txt": "株式会社山田商事 御中 合計金額 12,000円 お支払期限",
    "order.txt": "Purchase order PO-2026-00017 from example.org, contact ada@example.org",
    "energy solar.txt": "Energy is solar here as well, but the words stand the other way round.",
}


@pytest.fixture(scope="module")
def shelf(servers: Servers) -> Actor:
    """An owner with the library, for tests that only look."""
    reader = cast.owner("Rita Reader")
    worker = Worker(servers)
    for name, text in LIBRARY.items():
        factories.upload(reader.scope, name, text)
    worker.run_all()
    return reader


@pytest.fixture
def library(owner: Actor, worker: Worker) -> dict[str, UUID]:
    ids = {name: factories.upload(owner.scope, name, text).id for name, text in LIBRARY.items()}
    worker.run_all()
    return ids


def search(actor: Actor, q: str, **more: object) -> SearchPage:
    with unit_of_work(actor.scope) as uow:
        return search_documents(uow, SearchQuery.model_validate({"q": q} | more))


def names(page: SearchPage) -> set[str]:
    return {hit.document.name for hit in page.items}


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("Mieter", {"Mietvertrag Berlin.txt"}),
        ("mieter MONATLICH", {"Mietvertrag Berlin.txt"}),
        ("solar energy", {"Jahresbericht 2025.txt", "energy solar.txt"}),
        ('"solar energy"', {"Jahresbericht 2025.txt"}),
        ("energy -coal", {"energy solar.txt"}),
        ("energy -here", {"Jahresbericht 2025.txt"}),
        ('energy -"solar energy"', {"energy solar.txt"}),
        ("kunstlerische", {"Café résumé.txt"}),
        ("KÜNSTLERISCHE", {"Café résumé.txt"}),
        ("strasse", {"Café résumé.txt"}),
        ("cafe resume", {"Café résumé.txt"}),
        ("jahresber", {"Jahresbericht 2025.txt"}),
        ("vermiet", {"Mietvertrag Berlin.txt"}),
        ("Mietvertarg", {"Mietvertrag Berlin.txt"}),
        ("Jahresbreicht", {"Jahresbericht 2025.txt"}),
        ("山田商事", {"請求書.txt"}),
        ("請求書", {"請求書.txt"}),
        ("お支払", {"請求書.txt"}),
        ("田山", set()),
        ("PO-2026-00017", {"order.txt"}),
        ("2026-00017", {"order.txt"}),
        ("ada@example.org", {"order.txt"}),
        ("nowhere", set()),
        ("Mieter nowhere", set()),
        ("-Mieter", set()),
        ("", set()),
        ("   ", set()),
        ("...", set()),
    ],
)
def test_people_find_what_they_mean(shelf: Actor, q: str, found: set[str]) -> None:
    assert names(search(shelf, q)) == found


def test_a_hit_in_the_name_comes_before_one_in_the_text(owner: Actor, worker: Worker) -> None:
    factories.upload(owner.scope, "other.txt", "quartz " * 50)
    factories.upload(owner.scope, "quartz.txt", "nothing of it in here")
    worker.run_all()
    assert [hit.document.name for hit in search(owner, "quartz").items] == ["quartz.txt", "other.txt"]


def test_a_name_is_found_before_anything_was_read(owner: Actor) -> None:
    factories.upload(owner.scope, "Gutachten.txt", "unread text")
    assert names(search(owner, "gutachten")) == {"Gutachten.txt"}
    assert names(search(owner, "unread")) == set()


def test_a_changed_name_is_found_and_the_old_one_is_not(owner: Actor, library: dict[str, UUID]) -> None:
    with unit_of_work(owner.scope) as uow:
        change_document(uow, library["order.txt"], DocumentChange(name="Bestellung.txt"))
    assert names(search(owner, "bestellung")) == {"Bestellung.txt"}
    assert names(search(owner, '"purchase order"')) == {"Bestellung.txt"}  # its text still is


def test_the_trash_is_not_searched(owner: Actor, library: dict[str, UUID]) -> None:
    with unit_of_work(owner.scope) as uow:
        trash_document(uow, library["order.txt"])
    assert names(search(owner, "PO-2026-00017")) == set()
    assert names(search(owner, "ordre")) == set()
    with unit_of_work(owner.scope) as uow:
        restore_document(uow, library["order.txt"])
    assert names(search(owner, "PO-2026-00017")) == {"order.txt"}


def test_other_organizations_are_not_searched(owner: Actor, other_tenant: Actor, library: dict[str, UUID]) -> None:
    assert search(other_tenant, "Mieter").total == 0
    assert names(search(other_tenant, "secret")) == {"secret plan.txt", "second secret.txt"}
    assert names(search(owner, "secret")) == set()


def test_matches_are_marked_in_name_and_snippet(shelf: Actor) -> None:
    (hit,) = search(shelf, "kunstlerische resume").items
    assert [part.text for part in hit.name if part.marked] == ["résumé"]
    assert [part.text for part in hit.snippet if part.marked] == ["Künstlerische"]
    assert "".join(part.text for part in hit.name) == "Café résumé.txt"


def test_markup_in_a_document_stays_text(owner: Actor, worker: Worker) -> None:
    factories.upload(owner.scope, "page.txt", "before <script>alert(1)</script> <mark>fake</mark> after")
    worker.run_all()
    (hit,) = search(owner, "alert").items
    assert SnippetPart("alert", marked=True) in hit.snippet
    assert "<script>" in "".join(part.text for part in hit.snippet)


def test_a_long_text_is_cut_around_the_match(owner: Actor, worker: Worker) -> None:
    filling = "lorem ipsum dolor sit amet " * 400
    factories.upload(owner.scope, "long.txt", f"{filling} the needle is here {filling}")
    worker.run_all()
    (hit,) = search(owner, "needle").items
    text = "".join(part.text for part in hit.snippet)
    assert "the needle is here" in text
    assert text.startswith("… ")
    assert text.endswith(" …")
    assert len(text) < 260


def test_filters_narrow_a_search(owner: Actor, member: Actor, library: dict[str, UUID], worker: Worker) -> None:
    factories.upload(member.scope, "solar.md", "# solar energy")
    worker.run_all()
    everything = {"Jahresbericht 2025.txt", "energy solar.txt", "solar.md"}
    cases: list[tuple[dict[str, object], set[str]]] = [
        ({}, everything),
        ({"type": "md"}, {"solar.md"}),
        ({"uploaded_by": member.user_id}, {"solar.md"}),
        ({"source": "api"}, set()),
        ({"stage": Stage.ANALYSED}, everything),
        ({"stage": Stage.RECEIVED}, set()),
        ({"created_from": datetime(2099, 1, 1, tzinfo=UTC)}, set()),
        ({"created_to": datetime(2099, 1, 1, tzinfo=UTC)}, everything),
    ]
    for filters, found in cases:
        assert names(search(owner, "solar energy", **filters)) == found, filters


def test_the_category_filter_and_the_facets_agree(owner: Actor, library: dict[str, UUID]) -> None:
    with unit_of_work(owner.scope) as uow:
        change_document(uow, library["energy solar.txt"], DocumentChange(category="Manuals"))
        change_document(uow, library["Jahresbericht 2025.txt"], DocumentChange(category="Reports"))
    page = search(owner, "solar energy")
    assert {(facet.value, facet.hits) for facet in page.categories} == {("Manuals", 1), ("Reports", 1)}
    assert [(facet.value, facet.hits) for facet in page.types] == [("Plain text", 2)]
    assert page.total == 2
    assert names(search(owner, "solar energy", category="manuals")) == {"energy solar.txt"}
    with pytest.raises(ValidationFailed):
        search(owner, "solar energy", category="No such thing")


def test_pages_follow_each_other_without_gap_or_repetition(owner: Actor, worker: Worker) -> None:
    uploaded = {
        factories.upload(owner.scope, f"paper {number}.txt", f"common word {'word ' * (number % 4)}{number}").id
        for number in range(30)
    }
    worker.run_all()
    found: list[UUID] = []
    ranks: list[float] = []
    cursor: str | None = None
    for _ in range(30):
        page = search(owner, "common", limit=4, cursor=cursor)
        found.extend(hit.document.id for hit in page.items)
        ranks.extend(hit.rank for hit in page.items)
        cursor = page.next_cursor
        if cursor is None:
            break
    assert len(found) == 30
    assert set(found) == uploaded
    assert ranks == sorted(ranks, reverse=True)
