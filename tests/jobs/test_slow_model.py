"""A model that takes its time holds up nobody but those who wait for its answer."""

from contextlib import ExitStack

from clasio_backend.cli.programs import MODEL_CALLERS, workers
from clasio_backend.core.config import get_settings
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.documents.service import get_document
from clasio_backend.models.documents import Outcome, Stage
from tests import factories
from tests.cast import Actor
from tests.gemini import set_up
from tests.jobs.processes import background, wait_for
from tests.servers import Servers


def test_a_document_is_read_and_found_while_every_caller_waits_for_the_model(owner: Actor, servers: Servers) -> None:
    def is_there(document_id: object, stage: Stage, outcome: Outcome) -> bool:
        with unit_of_work(owner.scope) as uow:
            document = get_document(uow, document_id)  # type: ignore[arg-type]
        return (document.stage, document.outcome) == (stage, outcome)

    with set_up("gemini") as gemini, ExitStack() as processes:
        for program in workers(get_settings()):
            if not program.name.startswith("B"):  # neither in the background nor in bulk is there anything to do
                processes.enter_context(background(servers, *program.command[1:]))
        with gemini.hanging():
            asked = [
                factories.upload(owner.scope, f"{number}.txt", f"asks {number}") for number in range(MODEL_CALLERS)
            ]
            wait_for(lambda: len(gemini.asked) == MODEL_CALLERS)
            newcomer = factories.upload(owner.scope, "newcomer.txt", "came while the model thought")
            wait_for(lambda: is_there(newcomer.id, Stage.SEARCHABLE, Outcome.PENDING))
            assert len(gemini.asked) == MODEL_CALLERS
        for document in (*asked, newcomer):
            wait_for(lambda each=document.id: is_there(each, Stage.ANALYSED, Outcome.DONE))
        assert len(gemini.asked) == MODEL_CALLERS + 1
