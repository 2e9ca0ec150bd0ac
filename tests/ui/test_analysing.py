"""The dialog before many analyses: it tells what it takes, and starts what it told, nothing else."""

from clasio_ui.state.analysing import AnalysingState
from clasio_ui.state.documents import DocumentsState
from tests import factories
from tests.cast import Actor
from tests.ui.pages import opened, run
from tests.worker import Worker


def analyses(worker: Worker, actor: Actor) -> int:
    return sum(job["kind"] == "analysis.analyse" for job in worker.jobs_of(actor.organization_id))


def test_what_is_selected_is_told_and_then_started(owner: Actor, worker: Worker) -> None:
    chosen, _other = factories.upload(owner.scope), factories.upload(owner.scope)
    worker.run_all()
    before = analyses(worker, owner)
    page = opened(AnalysingState, owner, "/documents")
    page.parent_state.get_substate(DocumentsState.get_full_name().split(".")[1:]).selected = [str(chosen.id)]
    run(page, "ask", {"what": "selected"})
    assert (page.asking, page.estimate.documents, page.refusal) == ("selected", 1, "")
    run(page, "choose", {"mode": "thorough"})
    run(page, "start", {})
    assert (page.asking, analyses(worker, owner)) == ("", before + 1)
    assert worker.jobs_of(owner.organization_id)[-1]["payload"] == {"document_id": str(chosen.id), "mode": "thorough"}


def test_with_nothing_selected_and_no_filter_nothing_is_asked_or_started(owner: Actor, worker: Worker) -> None:
    factories.upload(owner.scope)
    worker.run_all()
    before = analyses(worker, owner)
    page = opened(AnalysingState, owner, "/documents")
    for what in ("selected", "filtered", "everything"):
        run(page, "ask", {"what": what})
        run(page, "start", {})
        assert (page.asking, analyses(worker, owner)) == ("", before)


def test_documents_without_text_are_refused_in_words(owner: Actor) -> None:
    unread = factories.upload(owner.scope)
    page = opened(AnalysingState, owner, "/documents")
    page.parent_state.get_substate(DocumentsState.get_full_name().split(".")[1:]).selected = [str(unread.id)]
    run(page, "ask", {"what": "selected"})
    assert page.refusal == "None of these has text to be analysed right now."
