"""Deleting one's account: asked for with the password, called off within seven days, else carried out by a job.

While it waits the person works on as before. When its time has come all their rights end in one transaction
(`_begin`); then their documents and shares are seen to in batches, and last the row loses everything that says who it
was. Each step finds anew what is left, so a crash in between costs nothing but time.
"""

from datetime import datetime, timedelta
from uuid import UUID

from clasio_backend.accounts.authorize import scope_of_member
from clasio_backend.accounts.repository import (
    ApiTokenRepository,
    IdentityRepository,
    PendingSignInRepository,
    SecondFactorRepository,
    SessionRepository,
    UserRepository,
)
from clasio_backend.accounts.service import confirm_password
from clasio_backend.activity.actions import Action
from clasio_backend.activity.service import record, record_security_event
from clasio_backend.core import gateway
from clasio_backend.core.clock import now
from clasio_backend.core.config import get_settings
from clasio_backend.core.errors import Conflict, NotFound
from clasio_backend.core.scope import Role, UserScope, new_request_id, system_scope
from clasio_backend.core.unit_of_work import UnitOfWork, unit_of_work
from clasio_backend.documents.trash import trash_document
from clasio_backend.leaving.errors import LastOperator, OnlyOwner
from clasio_backend.leaving.organization import close, day_of, in_words
from clasio_backend.leaving.repository import ColleagueRepository, OwnMembershipRepository
from clasio_backend.leaving.schemas import AccountDeletion, AccountDeletionRow, Fate, OrganizationFate
from clasio_backend.mail.service import queue_mail
from clasio_backend.models import User
from clasio_backend.organizations.repository import MemberRepository, OrganizationRepository
from clasio_backend.sharing.service import revoke_shares_of

WAITING_TIME = timedelta(days=7)
FORMER = "Former member"
BATCH = 100
FAREWELL = "account_deleted"


def read_account_deletion(person: UserScope) -> AccountDeletionRow:
    """Whether the account waits for its deletion, and what that does to each organization of the person."""
    with unit_of_work(person) as uow:
        fates = _fates(uow, person, lock=False)
        user = uow.repository(UserRepository).get(person.user_id)
        if user is None:
            raise NotFound("account")
        return _row(user, fates, _refusal(uow, user, fates))


def ask_account_deletion(person: UserScope, wanted: AccountDeletion) -> AccountDeletionRow:
    """Starts the seven days; a second time only changes what becomes of the documents.

    Raises `OnlyOwner`, `LastOperator`, `WrongPassword`, `NoPassword` or `TooManyRequests`.
    """
    confirm_password(person, wanted.password.get_secret_value())
    with unit_of_work(person) as uow:
        fates = _fates(uow, person, lock=True)
        user = uow.repository(UserRepository).get_for_update(person.user_id)
        refusal = _refusal(uow, user, fates)
        if refusal is not None:
            raise refusal
        user.deletion_takes_documents = wanted.documents == "go"
        if user.deletion_due_at is None:
            user.deletion_due_at = now() + WAITING_TIME
            record_security_event(uow, "account_deletion_asked", user_id=user.id)
            _note(uow, person, fates, Action.ACCOUNT_DELETION_ASKED, due=day_of(user.deletion_due_at))
            _mail(uow, person, user, fates, "account_deletion", until=in_words(user.deletion_due_at))
        return _row(user, fates, None)


def keep_account(person: UserScope) -> None:
    """Calls the deletion off; twice is once."""
    with unit_of_work(person) as uow:
        fates = _fates(uow, person, lock=True)  # in the order in which all steps here lock
        user = uow.repository(UserRepository).get_for_update(person.user_id)
        if user.deletion_due_at is None or user.deleted_at is not None:
            return
        user.deletion_due_at, user.deletion_takes_documents = None, False
        record_security_event(uow, "account_kept", user_id=user.id)
        _note(uow, person, fates, Action.ACCOUNT_KEPT)
        _mail(uow, person, user, fates, "account_kept")


def delete_account(user_id: UUID) -> None:
    """Carries out what is due, or goes on with what was begun; nothing when it was called off meanwhile."""
    person = UserScope(user_id, new_request_id())
    begun = _begin(person)
    if begun is None:
        return
    with unit_of_work(person) as uow:
        former = uow.repository(OwnMembershipRepository).former()
    for organization_id, ended_at in former:
        _tidy(organization_id, begun, takes_documents=begun.deletion_takes_documents and ended_at == begun.deleted_at)
    _pseudonymise(person)


def _begin(person: UserScope) -> User | None:
    """The point of no return: sign-in, tokens, links and memberships end, and organizations of theirs alone close."""
    with unit_of_work(person) as uow:
        fates = _fates(uow, person, lock=True)
        user = uow.repository(UserRepository).get_for_update(person.user_id)
        if user.deletion_due_at is None or user.deletion_due_at > now():
            return None
        if user.deleted_at is not None:
            return user
        if any(organization.fate == Fate.CLOSING for organization in fates):
            return None  # that organization comes first
        refusal = _refusal(uow, user, fates)
        if refusal is not None:
            _call_off(uow, person, user, fates, refusal)
            return None
        user.deleted_at, user.is_active = now(), False
        uow.repository(SessionRepository).remove_all()
        uow.repository(IdentityRepository).remove_all()
        uow.flush()
        gateway.remove_links_of(uow, user.id)
        _mail(uow, person, user, fates, FAREWELL)
        for organization in fates:
            _leave(uow, organization, user, user.deleted_at)
        uow.enter(person)
        return user


def _call_off(uow: UnitOfWork, person: UserScope, user: User, fates: list[OrganizationFate], refusal: Conflict) -> None:
    """What stood in nobody's way a week ago does so now: the person decides anew."""
    user.deletion_due_at, user.deletion_takes_documents = None, False
    record_security_event(uow, "account_kept", user_id=user.id, reason=refusal.code)
    for organization in fates:
        uow.enter(system_scope(organization.id, "account not deleted", request_id=person.request_id))
        record(uow, Action.ACCOUNT_NOT_DELETED, "user", user.id)
    _mail(uow, person, user, fates, "account_not_deleted", reason=refusal.message)


def _leave(uow: UnitOfWork, organization: OrganizationFate, user: User, moment: datetime) -> None:
    uow.enter(system_scope(organization.id, "account deleted", request_id=uow.any_scope.request_id))
    if organization.fate == Fate.GOES:
        close(uow, uow.repository(OrganizationRepository).get())
        return
    membership = uow.repository(MemberRepository).find_of(user.id)
    if membership is not None:
        membership.is_active, membership.removed_at = False, moment
    uow.repository(ApiTokenRepository).remove_all_of(user.id)
    record(uow, Action.ACCOUNT_DELETED, "user", user.id)
    uow.notify("members", user.id)


def _tidy(organization_id: UUID, user: User, *, takes_documents: bool) -> None:
    """What an organization that goes on still has of the person: shares, invites, address; documents where asked."""
    scope = system_scope(organization_id, "account deleted")
    with unit_of_work(scope) as uow:
        if uow.repository(OrganizationRepository).get().deleted_at is not None:
            return  # it goes as a whole
    while takes_documents:
        with unit_of_work(scope) as uow:
            documents = uow.repository(ColleagueRepository).documents_of(user.id, limit=BATCH)
            for document_id in documents:
                trash_document(uow, document_id)
        takes_documents = bool(documents)
    while True:
        with unit_of_work(scope) as uow:
            if not revoke_shares_of(uow, user.id):
                break
    with unit_of_work(scope) as uow:
        colleagues = uow.repository(ColleagueRepository)
        uow.repository(ApiTokenRepository).remove_all_of(user.id)
        colleagues.withdraw_invites_by(user.id, now())
        colleagues.forget_address(user.email, FORMER, but=FAREWELL)


def _pseudonymise(person: UserScope) -> None:
    with unit_of_work(person) as uow:
        user = uow.repository(UserRepository).get_for_update(person.user_id)
        if user.deletion_due_at is None:
            return
        user.name, user.email = FORMER, f"former-member-{user.id}@deleted.invalid"
        user.password_hash = user.password_changed_at = user.last_seen_at = None
        uow.repository(SecondFactorRepository).remove()
        uow.repository(PendingSignInRepository).remove_all()
        user.is_operator, user.deletion_takes_documents, user.deletion_due_at = False, False, None
        uow.repository(SessionRepository).remove_all()
        gateway.remove_links_of(uow, user.id)
        record_security_event(uow, "account_deleted", user_id=user.id)


def _fates(uow: UnitOfWork, person: UserScope, *, lock: bool) -> list[OrganizationFate]:
    """What the person's going means for each organization. With `lock` memberships there stand still until the end."""
    found = []
    for organization_id in uow.repository(OwnMembershipRepository).organization_ids():
        uow.enter(system_scope(organization_id, "leaving", request_id=person.request_id))
        organizations = uow.repository(OrganizationRepository)
        if lock:
            organizations.lock()
        organization = organizations.get()
        if organization.deleted_at is None:
            fate = _fate(uow, person.user_id, is_closing=organization.deletion_due_at is not None)
            found.append(OrganizationFate(organization_id, organization.name, fate))
    uow.enter(person)
    return found


def _fate(uow: UnitOfWork, user_id: UUID, *, is_closing: bool) -> Fate:
    membership = uow.repository(MemberRepository).find_of(user_id)
    colleagues = uow.repository(ColleagueRepository)
    is_owner = membership is not None and membership.role == Role.OWNER and membership.is_active
    if not is_owner or colleagues.count_other_owners(user_id):
        return Fate.LEAVES
    if not colleagues.count_others(user_id):
        return Fate.GOES
    return Fate.CLOSING if is_closing else Fate.BLOCKED


def _refusal(uow: UnitOfWork, user: User, fates: list[OrganizationFate]) -> Conflict | None:
    blocked = [organization.name for organization in fates if organization.fate == Fate.BLOCKED]
    if blocked:
        return OnlyOwner(blocked)
    if user.is_operator and not gateway.has_other_operator(uow, user.id):
        return LastOperator()
    return None


def _note(uow: UnitOfWork, person: UserScope, fates: list[OrganizationFate], action: Action, **details: str) -> None:
    for organization in fates:
        uow.enter(scope_of_member(organization.id, person.user_id, Role.MEMBER, person.request_id))
        record(uow, action, "user", person.user_id, **details)
    uow.enter(person)


def _mail(
    uow: UnitOfWork, person: UserScope, user: User, fates: list[OrganizationFate], template: str, **values: str
) -> None:
    """By way of an organization of theirs, which keeps the message; who is in none reads it on the page only."""
    carrier = min(fates, key=lambda organization: organization.fate == Fate.GOES, default=None)
    if carrier is None:
        return
    going = [organization.name for organization in fates if organization.fate == Fate.GOES]
    link = f"{get_settings().base_url}/settings"
    uow.enter(system_scope(carrier.id, "leaving", request_id=person.request_id))
    queue_mail(uow, user.email, template, organizations=", ".join(going), link=link, **values)
    uow.enter(person)


def _row(user: User, fates: list[OrganizationFate], refusal: Conflict | None) -> AccountDeletionRow:
    return AccountDeletionRow(
        due_at=user.deletion_due_at,
        documents="go" if user.deletion_takes_documents else "stay",
        organizations=tuple(fates),
        refusal=refusal.message if refusal else "",
    )
