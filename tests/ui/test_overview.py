"""What the overview says needs attention."""

from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.sharing.schemas import NewShare
from clasio_backend.sharing.service import share_document
from clasio_ui.state.overview import OverviewState
from tests import factories
from tests.cast import Actor
from tests.ui.pages import opened, run


def needs_attention(actor: Actor) -> list[tuple[str, str]]:
    page = opened(OverviewState, actor, "/")
    run(page, "load", {})
    return [(item.label, item.detail) for item in page.attention]


def test_a_share_that_ends_soon_needs_attention_and_one_of_a_month_does_not(owner: Actor) -> None:
    document_id = factories.upload(owner.scope, "lease.txt").id
    with unit_of_work(owner.scope) as uow:
        share_document(uow, document_id, NewShare(expires_in_days=30))
    assert needs_attention(owner) == []
    with unit_of_work(owner.scope) as uow:
        share_document(uow, document_id, NewShare(expires_in_days=2))
    assert needs_attention(owner) == [("1 share", "ends within 3 days")]
