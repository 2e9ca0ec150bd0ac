"""Makes people, organizations and documents, through the services wherever they offer it."""

import hashlib
import itertools
import tempfile
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from uuid import UUID

from clasio_backend.accounts.repository import IdentityRepository, UserRepository
from clasio_backend.accounts.schemas import NewSession, NewToken
from clasio_backend.accounts.service import create_api_token, open_session
from clasio_backend.core.ids import new_id
from clasio_backend.core.scope import Role, Scope, TokenScope, UserScope, new_request_id, system_scope
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.documents.intake import receive
from clasio_backend.documents.schemas import DocumentRow, IncomingFile
from clasio_backend.models import Identity, User
from clasio_backend.organizations.service import add_member, found_organization, founding_scope
from clasio_backend.security.passwords import hash_password

PASSWORD = "umbrella quartz 47 meadow"
_numbers = itertools.count(1)


@lru_cache(maxsize=1)
def password_hash() -> str:
    """The hash of `PASSWORD`, made once: argon2 is slow on purpose."""
    return hash_password(PASSWORD)


def new_email(name: str) -> str:
    """An address that no other test uses."""
    return f"{name.lower().replace(' ', '.')}.{new_id().hex[-12:]}@example.org"


def new_person(name: str = "Ada Example", *, email: str | None = None, is_operator: bool = False) -> User:
    """A person with the password `PASSWORD`, in no organization."""
    user = User(
        id=new_id(),
        email=email or new_email(name),
        name=name,
        password_hash=password_hash(),
        is_operator=is_operator,
    )
    with unit_of_work(UserScope(user.id, new_request_id())) as uow:
        uow.repository(UserRepository).add(user)
    return user


def new_organization(owner_id: UUID, name: str = "Example Ltd", *, plan: str | None = None) -> UUID:
    """An organization with its first owner."""
    with unit_of_work(founding_scope(owner_id, new_request_id())) as uow:
        return found_organization(uow, name, plan=plan)


def join(organization_id: UUID, user_id: UUID, role: Role = Role.MEMBER) -> None:
    """Makes a person a member."""
    with unit_of_work(system_scope(organization_id, "test")) as uow:
        add_member(uow, user_id, role)


def new_session(user_id: UUID) -> NewSession:
    with unit_of_work(UserScope(user_id, new_request_id())) as uow:
        session = open_session(uow, user_id, ip_address="127.0.0.1", user_agent="tests")
    assert isinstance(session, NewSession)  # nobody here has a second factor
    return session


def new_identity(
    user_id: UUID, email: str | None = None, *, issuer: str = "https://provider.example", subject: str = ""
) -> UUID:
    """An account at a provider that is connected; returns its id."""
    identity = Identity(user_id=user_id, issuer=issuer, subject=subject or new_id().hex, email=email)
    with unit_of_work(UserScope(user_id, new_request_id())) as uow:
        uow.repository(IdentityRepository).add(identity)
    return identity.id


def new_token(scope: Scope, made_for: TokenScope = TokenScope.EVERYTHING) -> str:
    with unit_of_work(scope) as uow:
        return create_api_token(uow, NewToken(name="Tests", scope=made_for)).token


def upload(
    scope: Scope,
    name: str = "note.txt",
    content: bytes | str | None = None,
    *,
    keep_duplicate: bool = False,
    received_at: datetime | None = None,
) -> DocumentRow:
    """One received document, not read yet; without `content` its text is like no other's."""
    if content is None:
        content = f"Note number {next(_numbers)} of the tests, {new_id()}."
    data = content.encode() if isinstance(content, str) else content
    with tempfile.TemporaryDirectory(prefix="clasio-test-") as folder:
        path = Path(folder) / "received"
        path.write_bytes(data)
        file = IncomingFile(path, name, len(data), hashlib.sha256(data).hexdigest())
        return receive(scope, file, source="upload", keep_duplicate=keep_duplicate, received_at=received_at)
