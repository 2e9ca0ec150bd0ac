"""What the address narrows a list by is what the page says, offers to remove, and puts into its downloads."""

import pytest
import reflex as rx

from clasio_ui.state.activity import ActivityState
from clasio_ui.state.documents import DocumentsState
from tests.cast import Actor
from tests.ui.pages import opened, run


@pytest.mark.parametrize(
    ("state", "path", "shown"),
    [
        (DocumentsState, "/documents?outcome=failed", {"filters": [("outcome", "Failed")], "is_filtered": True}),
        (
            DocumentsState,
            "/documents?category=Invoices",
            {"filtered_as_zip": "/api/v1/documents.zip?category=Invoices"},
        ),
        (ActivityState, "/activity?subject=share", {"is_filtered": True}),
        (ActivityState, "/activity?subject=share", {"csv_path": "/api/v1/activity.csv?subject=share"}),
    ],
)
def test_the_page_follows_the_filters_of_its_address(
    owner: Actor, state: type[rx.State], path: str, shown: dict[str, object]
) -> None:
    page = opened(state, owner, path)
    before = {name: getattr(page, name) for name in shown}
    run(page, "load", {})
    assert before != {name: getattr(page, name) for name in shown} == shown
