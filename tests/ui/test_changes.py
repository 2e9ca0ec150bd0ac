"""What open pages hear of: changes, the end of their session, and a switch in another tab."""

import asyncio
from collections.abc import AsyncIterator, Callable
from uuid import UUID

import pytest

from clasio_backend.accounts.authorize import authorize_session
from clasio_backend.accounts.errors import SecondFactorWanted
from clasio_backend.accounts.schemas import NewToken
from clasio_backend.accounts.service import create_api_token, revoke_api_token, sign_out, switch_organization
from clasio_backend.accounts.sessions import end_other_sessions
from clasio_backend.core import live
from clasio_backend.core.errors import NotSignedIn
from clasio_backend.core.ids import new_id
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.organizations.schemas import OrganizationChange
from clasio_backend.organizations.settings import change_settings
from clasio_ui import bridge
from clasio_ui.pages import token_section
from clasio_ui.state.documents import DocumentsState
from clasio_ui.state.tokens import TokensState
from tests import factories
from tests.cast import Actor
from tests.factors import turn_on
from tests.servers import Servers
from tests.ui.pages import opened


@pytest.fixture(autouse=True)
def _connected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bridge, "is_connected", lambda _token: True)


async def _first(changes: AsyncIterator[frozenset[str]]) -> frozenset[str]:
    """The first that names something: an empty set is only a reminder to look."""
    async for changed in changes:
        if changed:
            return changed
    raise AssertionError("the page was told nothing")


async def next_changes(actor: Actor, then: Callable[[], object]) -> frozenset[str]:
    """What a page of `actor` is told first after `then`."""
    changes = bridge.changes(opened(DocumentsState, actor, "/documents"))
    waiting = asyncio.ensure_future(_first(changes))
    while not live.is_listening():  # noqa: ASYNC110  # the connection has no event to wait for
        await asyncio.sleep(0.01)
    try:
        await asyncio.to_thread(then)
        return await waiting
    finally:
        await changes.aclose()
        await live.stop()


def test_a_page_is_told_what_changed(owner: Actor) -> None:
    made: list[str] = []
    changed = asyncio.run(next_changes(owner, lambda: made.append(str(factories.upload(owner.scope).id))))
    assert changed == set(made)


def test_a_page_hears_of_a_token_that_is_made_or_revoked_elsewhere(owner: Actor) -> None:
    def make_and_revoke() -> None:
        with unit_of_work(owner.scope) as uow:
            made.append(create_api_token(uow, NewToken(name="In another tab")).id)
        with unit_of_work(owner.scope) as uow:
            revoke_api_token(uow, made[0])

    made: list[UUID] = []
    assert asyncio.run(next_changes(owner, make_and_revoke)) == {str(made[0])}
    assert TokensState.watch in token_section.ON_LOAD


def test_a_page_hears_of_a_sign_out(owner: Actor) -> None:
    with pytest.raises(NotSignedIn):
        asyncio.run(next_changes(owner, lambda: sign_out(authorize_session(owner.cookie))))


def test_a_page_hears_that_its_browser_was_signed_out_from_another(owner: Actor) -> None:
    def end_all() -> None:
        with unit_of_work(owner.scope) as uow:
            end_other_sessions(uow, new_id())

    with pytest.raises(NotSignedIn):
        asyncio.run(next_changes(owner, end_all))


def test_a_page_hears_that_two_factor_sign_in_is_required_now(owner: Actor, member: Actor, servers: Servers) -> None:
    turn_on(owner, servers)

    def require() -> None:
        with unit_of_work(owner.scope) as uow:
            change_settings(uow, OrganizationChange(requires_second_factor=True))

    with pytest.raises(SecondFactorWanted):
        asyncio.run(next_changes(member, require))


def test_a_page_hears_that_another_tab_has_switched(owner: Actor, outsider: Actor) -> None:
    """It would go on showing one organization while its next action, or upload, happened in the other."""
    factories.join(outsider.organization_id, owner.user_id)
    with pytest.raises(bridge.Elsewhere, match=outsider.signed_in.organization.name):
        asyncio.run(
            next_changes(owner, lambda: switch_organization(authorize_session(owner.cookie), outsider.organization_id))
        )
