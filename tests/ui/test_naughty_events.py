"""What breaks other people's software, as what people type and as what a page's address holds, sent to every event
handler, found by looking. Nothing of it is an unexpected error, in words or in the log.
"""

import inspect
import logging
from collections.abc import Iterator
from typing import Any, get_type_hints
from urllib.parse import urlencode

import pytest
import reflex as rx

from clasio_ui import bridge
from clasio_ui.state.document import EDITABLE
from tests.cast import Actor
from tests.naughty import BREAKING
from tests.owned import Owned
from tests.ui.pages import opened
from tests.ui.test_events import HANDLERS, given, run

TEXTS = [*(text for text in BREAKING if len(text) < 1_000), "x" * 3_000, "q", "self", "__class__"]
TYPED = {
    "email": "new@example.org",
    "password": "long enough for a share",
    "access": "viewer",
    "days": "7",
    "role": "member",
    "analysis_mode": "never",
    "local_only": "true",
    "max_share_days": "7",
    "requires_second_factor": "false",
}
"""What is right in a form's other fields, so that the naughty one is looked at."""
UNEXPECTED = bridge.Unexpected("").message
QUERY = ("q", "cursor", "category", "type", "stage", "outcome", "source", "sort", "person", "subject", "since", "until")


class Form(dict[str, str]):
    """Has every field that it is asked for, and remembers which: `naughty` holds `text`, the others are right."""

    def __init__(self, naughty: str, text: str) -> None:
        super().__init__()
        self.naughty, self.text, self.asked = naughty, text, set[str]()

    def __missing__(self, name: str) -> str:
        self.asked.add(name)
        return self.text if name == self.naughty else TYPED.get(name, "words")

    def get(self, name: str, default: Any = None) -> Any:  # noqa: ARG002  # every field is there
        return self[name]

    def __contains__(self, name: object) -> bool:
        return True


def send(state: rx.State, name: str, arguments: dict[str, Any]) -> None:
    """As the page's process does, which shows the words of what a handler raised in a notice."""
    notice = ""
    try:
        run(state, name, arguments)
    except Exception as error:  # noqa: BLE001  # whatever it is, people read its words
        notice = bridge.in_words(error)[0]
    assert UNEXPECTED not in f"{notice} {state.dict()}", f"{type(state).__name__}.{name}: {str(arguments)[:300]}"


def texts_of(state: type[rx.State], name: str) -> list[str]:
    hints = get_type_hints(inspect.unwrap(state.event_handlers[name].fn))
    return [parameter for parameter, kind in hints.items() if kind is str]


@pytest.fixture(autouse=True)
def _no_error_in_the_log(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    yield
    errors = [record for record in caplog.get_records("call") if record.levelno >= logging.ERROR]
    assert [record.getMessage() for record in errors] == []


def test_what_is_typed_into_forms(owner: Actor, owned: Owned) -> None:
    forms = [(state, name) for state, name in HANDLERS if "form" in given(owned, state, name)]
    assert len(forms) >= 5
    for state, name in forms:
        editing = EDITABLE if "editing" in state.vars else ("",)
        recorder = Form("", "")
        send(page_of(state, owner, owned, editing[0]), name, {"form": recorder})
        assert recorder.asked, f"{state.__name__}.{name} reads no field"
        for edited in editing:
            for naughty in sorted(recorder.asked):
                for text in TEXTS:
                    send(page_of(state, owner, owned, edited), name, {"form": Form(naughty, text)})


def page_of(state: type[rx.State], owner: Actor, owned: Owned, editing: str = "", query: str = "") -> rx.State:
    page = opened(state, owner, f"/documents/{owned.ids['document_id']}?{query}")
    for variable, value in (("editing", editing), ("document_id", str(owned.ids["document_id"]))):
        if variable in state.base_vars:  # an address makes vars too, which are only read
            setattr(page, variable, value)
    return page


def test_what_is_sent_as_an_argument(owner: Actor, owned: Owned) -> None:
    taking_text = [(state, name, texts) for state, name in HANDLERS if (texts := texts_of(state, name))]
    assert len(taking_text) >= 10
    for state, name, texts in taking_text:
        for argument in texts:
            for text in TEXTS:
                send(page_of(state, owner, owned), name, given(owned, state, name) | {argument: text})


def test_what_an_address_holds(owner: Actor, owned: Owned) -> None:
    for state, name in HANDLERS:
        if name in {"load", "load_more", "next_page"}:
            for text in TEXTS:
                query = urlencode(dict.fromkeys(QUERY, text), errors="surrogatepass")
                send(page_of(state, owner, owned, query=query), name, given(owned, state, name))
