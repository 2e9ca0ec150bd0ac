"""The cast: owner and member of one organization, an outsider, and the owner of another organization."""

from dataclasses import dataclass
from uuid import UUID

from fastapi import FastAPI
from starlette.testclient import TestClient

from clasio_backend.accounts.authorize import authorize_session
from clasio_backend.accounts.schemas import SignedIn
from clasio_backend.core.config import get_settings
from clasio_backend.core.scope import Scope
from clasio_backend.security.cookies import cookie_name
from tests import factories


@dataclass(frozen=True, slots=True)
class Actor:
    """A person in an organization, signed in by cookie and by API token."""

    user_id: UUID
    name: str
    email: str
    signed_in: SignedIn
    cookie: str
    api_token: str
    password: str = factories.PASSWORD

    @property
    def scope(self) -> Scope:
        return self.signed_in.scope

    @property
    def organization_id(self) -> UUID:
        return self.scope.organization_id

    def api(self, app: FastAPI) -> TestClient:
        """Calls as a script does, with the token."""
        client = visitor(app)
        client.headers["authorization"] = f"Bearer {self.api_token}"
        return client

    def browser(self, app: FastAPI) -> TestClient:
        """Calls as a page does, with the cookie and what browsers say about the origin."""
        client = visitor(app)
        client.headers["cookie"] = f"{cookie_name(get_settings())}={self.cookie}"
        client.headers["sec-fetch-site"] = "same-origin"
        return client


def visitor(app: FastAPI) -> TestClient:
    """Calls as nobody in particular. An unexpected error comes back as the 500 that people would see."""
    return TestClient(app, base_url="http://127.0.0.1:8000", raise_server_exceptions=False, follow_redirects=False)


def owner(name: str = "Olivia Owner", *, plan: str | None = None) -> Actor:
    """The first owner of a new organization."""
    user = factories.new_person(name)
    factories.new_organization(user.id, f"{name}'s company", plan=plan)
    return _signed_in(user.id, name, user.email)


def operator(name: str = "Opal Operator") -> Actor:
    """Runs the instance; in an organization of their own like everybody."""
    user = factories.new_person(name, is_operator=True)
    factories.new_organization(user.id, f"{name}'s company")
    return _signed_in(user.id, name, user.email)


def member_of(colleague: Actor, name: str = "Max Member") -> Actor:
    user = factories.new_person(name)
    factories.join(colleague.organization_id, user.id)
    return _signed_in(user.id, name, user.email)


def again(actor: Actor) -> Actor:
    """The same person, signed in anew: with the role that they have by now."""
    return _signed_in(actor.user_id, actor.name, actor.email)


def other_tenant() -> Actor:
    """An owner elsewhere, with two documents."""
    actor = owner("Tara Tenant")
    for name in ("secret plan.txt", "second secret.txt"):
        factories.upload(actor.scope, name)
    return actor


def _signed_in(user_id: UUID, name: str, email: str) -> Actor:
    session = factories.new_session(user_id)
    signed_in = authorize_session(session.token)
    return Actor(user_id, name, email, signed_in, session.token, factories.new_token(signed_in.scope))
