"""Analyses on the customer's terms: what is never sent to AI, what a person's word is worth, and why AI was skipped."""

import io
from uuid import UUID

import pytest
from fastapi import FastAPI
from PIL import Image

from clasio_backend.analysis.analyzer import AnalysisRequest, AnalysisResult, Source
from clasio_backend.analysis.consent import choose
from clasio_backend.analysis.service import request_analysis
from clasio_backend.analysis.skipping import NotAnalysable
from clasio_backend.core.errors import NotFound
from clasio_backend.core.scope import PERMISSIONS, Role, Scope
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.documents.errors import CategoryGone, NothingToAccept, NothingToTakeBack
from clasio_backend.documents.schemas import DocumentChange, DocumentDetail, ValueChoice
from clasio_backend.documents.service import change_document, get_document
from clasio_backend.documents.trash import restore_document, trash_document
from clasio_backend.documents.values import accept_value, take_back_value
from clasio_backend.models.documents import Outcome, Stage
from clasio_backend.organizations.categories import change_category, list_all_categories, merge_category
from clasio_backend.organizations.schemas import CategoryChange, CategoryMerge, OrganizationChange
from clasio_backend.organizations.settings import change_settings
from tests import factories
from tests.cast import Actor
from tests.worker import Worker

INVOICE = "Rechnung Nr. 17\nRechnungsdatum: 03.05.2026\nGesamtbetrag: 119,00 EUR\n" * 3


class Elsewhere:
    """An analyzer outside this machine, to which nothing may come that is not allowed to."""

    source: Source = "gemini"

    def analyze(self, request: AnalysisRequest) -> AnalysisResult:
        raise AssertionError(f"{request.name} was sent")


def shown(actor: Actor, document_id: UUID) -> DocumentDetail:
    with unit_of_work(actor.scope) as uow:
        return get_document(uow, document_id)


def change(actor: Actor, document_id: UUID, **values: object) -> DocumentDetail:
    with unit_of_work(actor.scope) as uow:
        return change_document(uow, document_id, DocumentChange.model_validate(values))


def accept(actor: Actor, document_id: UUID, value: str) -> DocumentDetail:
    with unit_of_work(actor.scope) as uow:
        return accept_value(uow, document_id, ValueChoice.model_validate({"value": value}))


def take_back(actor: Actor, document_id: UUID, value: str) -> DocumentDetail:
    with unit_of_work(actor.scope) as uow:
        return take_back_value(uow, document_id, ValueChoice.model_validate({"value": value}))


def analyse(actor: Actor, worker: Worker, document_id: UUID, key: str = "again") -> DocumentDetail:
    with unit_of_work(actor.scope) as uow:
        request_analysis(uow, document_id, "fast", key=key)
    worker.run_all()
    return shown(actor, document_id)


def settings(actor: Actor, **values: object) -> None:
    with unit_of_work(actor.scope) as uow:
        change_settings(uow, OrganizationChange.model_validate(values))


def category_id(actor: Actor, name: str) -> UUID:
    with unit_of_work(actor.scope) as uow:
        return next(row.id for row in list_all_categories(uow) if row.name == name)


def mark(actor: Actor, category: str) -> None:
    wanted = category_id(actor, category)
    with unit_of_work(actor.scope) as uow:
        change_category(uow, wanted, CategoryChange(never_send=True))


def chosen(actor: Actor, document_id: UUID, text: str = "Some words.") -> tuple[str, str | None]:
    request = AnalysisRequest("a.txt", "text/plain", text, "fast", ("Invoices", "Contracts"))
    choice = choose(actor.scope, document_id, request, Elsewhere())
    return choice.analyzer.source, choice.note


@pytest.fixture
def invoice(owner: Actor, worker: Worker) -> DocumentDetail:
    document = factories.upload(owner.scope, "Rechnung.txt", INVOICE)
    worker.run_all()
    return shown(owner, document.id)


def test_a_document_may_be_sent_until_somebody_says_no(owner: Actor, invoice: DocumentDetail) -> None:
    assert chosen(owner, invoice.id) == ("gemini", None)


def test_a_marked_document_is_never_sent(owner: Actor, invoice: DocumentDetail) -> None:
    assert change(owner, invoice.id, never_send=True).never_send
    source, note = chosen(owner, invoice.id)
    assert source == "local"
    assert note == "Not sent to Gemini: it is marked “never send to AI”. It was analysed on this machine."
    assert "never_send" not in shown(owner, invoice.id).value_sources
    change(owner, invoice.id, never_send=False)
    assert chosen(owner, invoice.id)[0] == "gemini"


def test_a_document_whose_category_is_marked_later_is_not_sent_from_then_on(
    owner: Actor, invoice: DocumentDetail
) -> None:
    mark(owner, "Contracts")
    assert chosen(owner, invoice.id)[0] == "gemini"
    change(owner, invoice.id, category="Contracts")
    source, note = chosen(owner, invoice.id)
    assert source == "local"
    assert note is not None
    assert note.startswith("Not sent to Gemini: its category Contracts is marked “never send to AI”.")


def test_a_new_document_that_looks_like_a_marked_category_is_not_sent(owner: Actor) -> None:
    document = factories.upload(owner.scope, "Rechnung.txt", INVOICE)
    assert chosen(owner, document.id, INVOICE)[0] == "gemini"
    mark(owner, "Invoices")
    source, note = chosen(owner, document.id, INVOICE)
    assert source == "local"
    assert note is not None
    assert "it looks like Invoices" in note


def test_an_organization_can_keep_everything_on_this_machine(owner: Actor, invoice: DocumentDetail) -> None:
    settings(owner, local_only=True)
    source, note = chosen(owner, invoice.id)
    assert source == "local"
    assert note is not None
    assert "this organization analyses on this machine only" in note


def test_whom_a_share_lets_edit_cannot_let_a_document_out(owner: Actor, invoice: DocumentDetail) -> None:
    change(owner, invoice.id, never_send=True)
    editor = Scope(
        organization_id=owner.organization_id,
        user_id=None,
        role=Role.SHARE_EDITOR,
        permissions=PERMISSIONS[Role.SHARE_EDITOR],
        request_id="test",
        document_id=invoice.id,
    )
    with pytest.raises(NotFound), unit_of_work(editor) as uow:
        change_document(uow, invoice.id, DocumentChange(never_send=False))
    assert shown(owner, invoice.id).never_send


def test_an_accepted_value_is_a_persons_and_survives_the_next_analysis(
    owner: Actor, worker: Worker, invoice: DocumentDetail
) -> None:
    after = accept(owner, invoice.id, "amounts")
    assert (after.value_sources["amounts"], after.amounts) == ("human", invoice.amounts)
    with pytest.raises(NothingToAccept):
        accept(owner, invoice.id, "amounts")
    assert analyse(owner, worker, invoice.id).value_sources["amounts"] == "human"
    assert take_back(owner, invoice.id, "amounts").value_sources["amounts"] == "local"


def test_taking_back_gives_the_value_before_step_by_step(owner: Actor, invoice: DocumentDetail) -> None:
    change(owner, invoice.id, category="Contracts", issued_on="2026-01-31", language="EN")
    change(owner, invoice.id, category="Reports")
    assert shown(owner, invoice.id).language == "en"
    assert set(shown(owner, invoice.id).undoable) == {"category", "issued_on", "language"}
    once = take_back(owner, invoice.id, "category")
    assert (once.category, once.value_sources["category"]) == ("Contracts", "human")
    twice = take_back(owner, invoice.id, "category")
    assert (twice.category, twice.value_sources["category"]) == (invoice.category, "local")
    with pytest.raises(NothingToTakeBack):
        take_back(owner, invoice.id, "category")
    assert take_back(owner, invoice.id, "issued_on").issued_on == invoice.issued_on
    assert take_back(owner, invoice.id, "language").language == invoice.language
    assert shown(owner, invoice.id).value_sources == invoice.value_sources


def test_taking_back_gives_what_ai_said_last(owner: Actor, worker: Worker, invoice: DocumentDetail) -> None:
    change(owner, invoice.id, document_type="What Ada says", name="Vertrag.txt")
    analysed = analyse(owner, worker, invoice.id)
    assert analysed.document_type == "What Ada says"
    back = take_back(owner, invoice.id, "document_type")
    assert (back.document_type, back.value_sources["document_type"]) == (invoice.document_type, "local")


def test_a_category_that_was_merged_meanwhile_cannot_come_back(
    owner: Actor, worker: Worker, invoice: DocumentDetail
) -> None:
    change(owner, invoice.id, category="Tax")
    change(owner, invoice.id, category="Reports")
    tax, letters = category_id(owner, "Tax"), category_id(owner, "Letters")
    with unit_of_work(owner.scope) as uow:
        merge_category(uow, tax, CategoryMerge(into=letters))
    worker.run_all()
    with pytest.raises(CategoryGone):
        take_back(owner, invoice.id, "category")
    assert shown(owner, invoice.id).category == "Reports"


@pytest.mark.parametrize(("mode", "code"), [("on_request", "analysis_on_request"), ("never", "analysis_off")])
def test_a_document_says_that_the_organization_wanted_no_analysis(
    owner: Actor, worker: Worker, mode: str, code: str
) -> None:
    settings(owner, analysis_mode=mode)
    document = factories.upload(owner.scope, "Rechnung.txt", INVOICE)
    worker.run_all()
    after = shown(owner, document.id)
    assert (after.stage, after.outcome) == (Stage.SEARCHABLE, Outcome.SKIPPED)
    assert after.stage_error is not None
    assert after.stage_error.code == code
    assert after.stage_error.message.startswith("Not analysed: this organization")


def test_nobody_gets_an_analysis_while_they_are_switched_off(
    owner: Actor, worker: Worker, invoice: DocumentDetail
) -> None:
    settings(owner, analysis_mode="never")
    with pytest.raises(NotAnalysable, match="switched off"), unit_of_work(owner.scope) as uow:
        request_analysis(uow, invoice.id, "fast", key="again")
    settings(owner, analysis_mode="on_request")
    with unit_of_work(owner.scope) as uow:
        request_analysis(uow, invoice.id, "fast", key="again")
    settings(owner, analysis_mode="never")  # while it waits
    worker.run_all()
    after = shown(owner, invoice.id)
    assert (after.outcome, after.stage_error) == (Outcome.DONE, None)  # what the first analysis said is still there
    assert after.analysis_note == "Not analysed: this organization has analyses switched off."
    settings(owner, analysis_mode="automatic")
    assert analyse(owner, worker, invoice.id, "once more").analysis_note is None


def test_a_document_without_text_says_so_and_has_no_analysis(owner: Actor, worker: Worker) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (60, 60), "white").save(picture, "PNG")
    document = factories.upload(owner.scope, "blank.png", picture.getvalue())
    worker.run_all()
    after = shown(owner, document.id)
    assert after.outcome == Outcome.UNREADABLE
    assert after.stage_error is not None
    assert after.stage_error.code in {"no_text", "ocr_missing"}
    with pytest.raises(NotAnalysable, match="could not be read"), unit_of_work(owner.scope) as uow:
        request_analysis(uow, document.id, "fast", key="again")


def test_a_document_in_the_trash_is_not_analysed_and_says_so_when_it_is_back(
    owner: Actor, worker: Worker, invoice: DocumentDetail
) -> None:
    with unit_of_work(owner.scope) as uow:
        request_analysis(uow, invoice.id, "fast", key="again")
        trash_document(uow, invoice.id)
    with pytest.raises(NotAnalysable, match="trash"), unit_of_work(owner.scope) as uow:
        request_analysis(uow, invoice.id, "fast", key="more")
    worker.run_all()
    with unit_of_work(owner.scope) as uow:
        restore_document(uow, invoice.id)
    after = shown(owner, invoice.id)
    assert after.outcome == Outcome.DONE
    assert after.analysis_note == "Not analysed: it was in the trash when its turn came."


def test_the_api_says_and_does_the_same(app: FastAPI, owner: Actor, member: Actor, invoice: DocumentDetail) -> None:
    client, path = member.api(app), f"/api/v1/documents/{invoice.id}"
    assert client.patch(path, json={"never_send": True, "language": "fr"}).json()["never_send"] is True
    assert client.post(f"{path}/undo", json={"value": "language"}).json()["language"] == invoice.language
    assert client.post(f"{path}/accept", json={"value": "summary"}).json()["value_sources"]["summary"] == "human"
    assert client.post(f"{path}/accept", json={"value": "name"}).status_code == 422
    assert client.patch(path, json={"language": "french"}).status_code == 422
    answer = owner.api(app).post("/api/v1/categories", json={"name": "Plans", "never_send": True})
    assert (answer.status_code, answer.json()["never_send"]) == (201, True)
    assert owner.api(app).post("/api/v1/categories", json={"name": "plans"}).json()["code"] == "category_taken"
    plans = f"/api/v1/categories/{answer.json()['id']}"
    assert client.patch(plans, json={"name": "Mine"}).status_code == 404
    assert owner.api(app).patch(plans, json={"is_archived": True}).json()["is_archived"] is True
    names = [
        {row["name"] for row in client.get("/api/v1/categories", params=asked).json()}
        for asked in ({}, {"archived": "true"})
    ]
    assert names[1] - names[0] == {"Plans"}
