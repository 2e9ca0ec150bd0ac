"""Every event handler, found and not listed, called by a stranger with the owner's ids; every page compiled."""

import contextlib
import inspect
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import reflex as rx

from clasio_backend.accounts.authorize import authorize_session
from clasio_backend.core.errors import NotFound, NotSignedIn
from clasio_ui import clasio_ui, routes
from tests.cast import Actor
from tests.owned import SECRET, Owned, Untouched
from tests.ui.pages import opened, run

BACKGROUND = {"watch": "follows `bridge.changes`, which asks for the session, and then calls `_refresh` as `load` does"}


def states(parent: type[rx.State] = rx.State) -> Iterator[type[rx.State]]:
    for state in sorted(parent.get_substates(), key=lambda each: each.__name__):
        if state.__module__.startswith("clasio_ui."):
            yield state
        yield from states(state)


def handlers() -> Iterator[tuple[type[rx.State], str]]:
    for state in states():
        for name, handler in state.event_handlers.items():
            is_ours = inspect.unwrap(handler.fn).__module__.startswith("clasio_ui.")
            if is_ours and not name.startswith("_") and name not in BACKGROUND:
                yield state, name


SENT = {
    *("router", "rx_router_page", "rx_router_route_id", "rx_router_url"),
    *("selected", "selected_as_zip", "q", "found_for", "removing", "asked_id", "renaming", "merging"),
}
"""What the stranger's own browser said."""
HANDLERS = list(handlers())


def given(owned: Owned, state: type[rx.State], name: str) -> dict[str, Any]:
    """By the parameter's name; a new one has to be given a value here, so that no handler is left out unseen."""
    document_id = str(owned.ids["document_id"])
    values = {
        "document_id": document_id,
        "ids": document_id,
        "number": 1,
        "q": SECRET,
        "form": {
            "value": "planted",
            "q": SECRET,
            "email": "planted@example.org",
            "into": str(owned.ids["category_id"]),
            "reason": "planted",
            "name": "planted",
            "scope": "read",
            "expires_in_days": "30",
        },
        "field": "name",
        "name": "category",
        "value": "Invoices",
        "sort": "newest",
        "text": "planted",
        "tone": "info",
        "user_id": str(owned.ids["user_id"]),
        "invite_id": str(owned.ids["invite_id"]),
        "share_id": str(owned.ids["share_id"]),
        "days": "1",
        "what": "selected",
        "token_id": str(owned.ids["token_id"]),
        "role": "member",
        "mode": "fast",
        "export_id": str(owned.ids["export_id"]),
        "job_id": str(owned.ids["job_id"]),
        "session_id": str(owned.ids["session_id"]),
        "identity_id": str(owned.ids["identity_id"]),
        "slug": "oidc",
        "queue": "read",
        "schedule_id": "clean-up",
        "kind": "documents.read",
        "category_id": str(owned.ids["category_id"]),
    }
    parameters = list(inspect.signature(inspect.unwrap(state.event_handlers[name].fn)).parameters)[1:]
    missing = [parameter for parameter in parameters if parameter not in values]
    assert not missing, f"give {state.__name__}.{name} a value for {missing}"
    return {parameter: values[parameter] for parameter in parameters}


def prepare(state: rx.State, owned: Owned) -> None:
    """As a page that was tampered with: another organization's ids are selected and being edited."""
    tampered = {"selected": [str(owned.ids["document_id"])], "editing": "name", "q": "letter", "asking": "selected"}
    if "asked_id" in state.vars:
        tampered |= {"asking": "drop", "asked_id": str(owned.ids["job_id"])}
    if "reason_error" in state.vars:
        tampered |= {"asking": "release", "asked_id": str(owned.ids["document_id"])}
    tampered["removing"] = str(owned.ids["export_id"])
    tampered |= dict.fromkeys(("renaming", "merging"), str(owned.ids["category_id"]))
    for variable, value in tampered.items():
        if variable in state.vars:
            setattr(state, variable, value)


def test_the_handlers_are_found() -> None:
    names = {f"{state.__name__}.{name}" for state, name in HANDLERS}
    assert len(names) >= 25
    assert {"DocumentState.save", "DocumentsState.trash_selected", "SearchState.load"} <= names


@pytest.mark.parametrize("stranger", ["outsider", "other_tenant"])
@pytest.mark.parametrize(("state", "name"), HANDLERS, ids=[f"{state.__name__}.{name}" for state, name in HANDLERS])
def test_an_event_of_a_stranger_neither_shows_nor_changes_an_owners_rows(  # noqa: PLR0917
    state: type[rx.State],
    name: str,
    stranger: str,
    bystanders: Owned,
    bystanders_untouched: Untouched,
    request: pytest.FixtureRequest,
) -> None:
    _send(state, name, request.getfixturevalue(stranger), bystanders, bystanders_untouched)


@pytest.mark.parametrize("stranger", ["outsider", "other_tenant"])
def test_one_guard_alone_is_enough_for_every_event(
    one_guard: str, stranger: str, bystanders: Owned, bystanders_untouched: Untouched, request: pytest.FixtureRequest
) -> None:
    actor: Actor = request.getfixturevalue(stranger)
    for state, name in HANDLERS:
        _send(state, name, actor, bystanders, bystanders_untouched)
    assert authorize_session(actor.cookie).scope.organization_id == actor.organization_id  # they were signed in


def _send(state: type[rx.State], name: str, actor: Actor, owned: Owned, untouched: Untouched) -> None:
    page = opened(state, actor, f"/documents/{owned.ids['document_id']}?category=Invoices&q={SECRET}")
    prepare(page, owned)
    with contextlib.suppress(NotFound):
        run(page, name, given(owned, state, name))
    untouched.check(f"{state.__name__}.{name}")
    shown = {variable: page.get_value(variable) for variable in page.vars if variable not in SENT}
    assert {variable for variable, value in shown.items() if owned.leaks_into(repr(value))} == set()


def test_an_event_of_somebody_who_is_signed_out_neither_shows_nor_changes_anything(
    bystander: Actor, bystanders: Owned, bystanders_untouched: Untouched
) -> None:
    nobody = replace(bystander, cookie="")
    for state, name in HANDLERS:
        page = opened(state, nobody, f"/documents/{bystanders.ids['document_id']}?category=Invoices&q={SECRET}")
        prepare(page, bystanders)
        with contextlib.suppress(NotFound, NotSignedIn):
            run(page, name, given(bystanders, state, name))
        shown = {variable: page.get_value(variable) for variable in page.vars if variable not in SENT}
        assert {v for v, value in shown.items() if bystanders.leaks_into(repr(value))} == set(), (
            f"{state.__name__}.{name}"
        )
    bystanders_untouched.check("an event of somebody who is signed out")


def test_the_owner_sees_what_strangers_do_not(bystander: Actor, bystanders: Owned) -> None:
    """The test above would pass with pages that never load."""
    for state, name in HANDLERS:
        if state.__name__ == "DocumentState" and name == "load":
            page = opened(state, bystander, f"/documents/{bystanders.ids['document_id']}")
            run(page, name, {})
            assert page.get_value("view").item.name == f"{SECRET}.txt"


@pytest.mark.parametrize("state", list(states()), ids=lambda state: state.__name__)
def test_every_state_compiles_and_has_plain_values(state: type[rx.State]) -> None:
    instance = rx.State(_reflex_internal_init=True).get_substate(state.get_full_name().split("."))
    assert instance.dict()


def test_every_page_compiles_and_every_route_has_one() -> None:
    clasio_ui.app._apply_decorated_pages()
    for page in list(clasio_ui.app._unevaluated_pages):
        clasio_ui.app._compile_page(page, save_page=False)
    shown = {f"/{page}".replace("/index", "/") for page in clasio_ui.app._unevaluated_pages}
    wanted = {
        value
        for name, value in vars(routes).items()
        if name.isupper() and not name.startswith("POST_") and isinstance(value, str)
    }
    assert wanted <= shown
