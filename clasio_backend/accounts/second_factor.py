"""Two-factor sign-in: a code of an authenticator app is asked for after the password, or a recovery code.

Turning it on, off, or making new recovery codes needs the password again; the last two need a code as well. The row of
the person is locked first, then that of the factor, in every step here and in `service.open_session`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

from clasio_backend.accounts import codes
from clasio_backend.accounts.errors import SecondFactorIsOff, SecondFactorIsOn, SetUpOver, SignInAgain, WrongCode
from clasio_backend.accounts.repository import PendingSignInRepository, SecondFactorRepository, UserRepository
from clasio_backend.accounts.schemas import (
    Browser,
    NewSession,
    OrganizationChoice,
    RecoveryCodes,
    SecondFactorDemand,
    SecondFactorRow,
    SetUpSecret,
)
from clasio_backend.accounts.service import confirm_password, open_session_after_code
from clasio_backend.accounts.sessions import end_other_sessions
from clasio_backend.accounts.telling import tell
from clasio_backend.activity.actions import Action
from clasio_backend.activity.service import record_security_event
from clasio_backend.core import gateway
from clasio_backend.core.clock import now
from clasio_backend.core.ids import new_id
from clasio_backend.core.scope import UserScope, new_request_id
from clasio_backend.core.unit_of_work import UnitOfWork, unit_of_work
from clasio_backend.models import SecondFactor, User
from clasio_backend.security import rate_limit, rates
from clasio_backend.security.encryption import seal, unseal
from clasio_backend.security.tokens import hash_token

PURPOSE = "second_factors"
SET_UP_LIFETIME = timedelta(hours=1)


def read_second_factor(person: UserScope) -> SecondFactorRow:
    """Whether it is on, since when, and how many recovery codes are left."""
    with unit_of_work(person) as uow:
        factors = uow.repository(SecondFactorRepository)
        factor = factors.find()
        if factor is None or factor.confirmed_at is None:
            return SecondFactorRow(is_on=False, since=None, recovery_codes_left=0)
        left = factors.count_recovery_codes()
        return SecondFactorRow(is_on=True, since=factor.confirmed_at, recovery_codes_left=left)


def read_demand(person: UserScope) -> SecondFactorDemand:
    """Which organizations of the person require it; for the page that they are led to then."""
    with unit_of_work(person) as uow:
        choices = [OrganizationChoice(*row) for row in uow.repository(UserRepository).memberships()]
        return SecondFactorDemand(
            is_on=uow.repository(SecondFactorRepository).is_on(),
            requiring=tuple(choice for choice in choices if choice.requires_second_factor),
            others=tuple(choice for choice in choices if not choice.requires_second_factor),
        )


def begin_set_up(person: UserScope, password: str) -> SetUpSecret:
    """A new secret for the app; nothing changes before `confirm_set_up`. One that was begun before is forgotten.

    Raises `WrongPassword`, `TooManyRequests` or `SecondFactorIsOn`.
    """
    confirm_password(person, password)
    secret, factor_id = codes.new_secret(), new_id()
    with unit_of_work(person) as uow:
        user = uow.repository(UserRepository).get_for_update(person.user_id)
        factors = uow.repository(SecondFactorRepository)
        if factors.is_on():
            raise SecondFactorIsOn
        factors.remove()
        sealed = seal(secret.encode(), purpose=PURPOSE, belongs_to=str(factor_id))
        factors.add(SecondFactor(id=factor_id, user_id=user.id, sealed=sealed))
        return SetUpSecret(secret, codes.app_address(secret, user.email))


def confirm_set_up(browser: Browser, code: str) -> RecoveryCodes:
    """Turns it on: the app has shown a right code. Every other browser is signed out, as it came by password alone.

    Raises `WrongCode`, `TooManyRequests`, `SetUpOver` or `SecondFactorIsOn`.
    """
    person = browser.person
    with _one_guess(person), unit_of_work(person) as uow:
        user = uow.repository(UserRepository).get_for_update(person.user_id)
        factor = uow.repository(SecondFactorRepository).find_for_update()
        if factor is None or (factor.confirmed_at is None and factor.created_at < now() - SET_UP_LIFETIME):
            raise SetUpOver
        if factor.confirmed_at is not None:
            raise SecondFactorIsOn
        _take_step(factor, code)
        factor.confirmed_at = now()
        uow.flush()
        made = _new_recovery_codes(uow, user.id)
        end_other_sessions(uow, browser.session_id)
        tell(uow, user, Action.SECOND_FACTOR_TURNED_ON, "second_factor_on")
        return made


def turn_off(person: UserScope, password: str, code: str) -> None:
    """Only the password is asked for from now on. Raises `WrongPassword`, `WrongCode`, `TooManyRequests` or
    `SecondFactorIsOff`.
    """
    confirm_password(person, password)
    with _one_guess(person), unit_of_work(person) as uow:
        user = _take_code(uow, person, code)
        _remove(uow)
        tell(uow, user, Action.SECOND_FACTOR_TURNED_OFF, "second_factor_off")


def renew_recovery_codes(person: UserScope, password: str, code: str) -> RecoveryCodes:
    """Ten new ones; the former ones work no more. Raises as `turn_off` does."""
    confirm_password(person, password)
    with _one_guess(person), unit_of_work(person) as uow:
        user = _take_code(uow, person, code)
        made = _new_recovery_codes(uow, user.id)
        tell(uow, user, Action.RECOVERY_CODES_MADE, "recovery_codes_made")
        return made


def finish_sign_in(token: str | None, code: str, *, ip_address: str, user_agent: str, request_id: str) -> NewSession:
    """Opens the session of somebody whose password was right a moment ago, in this browser.

    Raises `WrongCode`, `TooManyRequests` or `SignInAgain`.
    """
    found = gateway.find_pending_sign_in(hash_token(token)) if token else None
    if found is None:
        raise SignInAgain
    person = UserScope(found.user_id, request_id)
    with _one_guess(person, ip_address), unit_of_work(person) as uow:
        uow.repository(UserRepository).get_for_update(person.user_id)
        pending = uow.repository(PendingSignInRepository).find_for_update(found.pending_id)
        if pending is None:  # another tab was faster, or the password was changed
            raise SignInAgain
        try:
            _take_code(uow, person, code)
        except SecondFactorIsOff as error:
            raise SignInAgain from error
        return open_session_after_code(uow, pending, ip_address=ip_address, user_agent=user_agent)


def remove_lost(user_id: UUID) -> bool:
    """For the operator, of somebody who has lost the app and the recovery codes; False when there was nothing to
    remove. Who asks for it is for the operator to make sure of.
    """
    person = UserScope(user_id, new_request_id())
    with unit_of_work(person) as uow:
        user = uow.repository(UserRepository).get_for_update(user_id)
        if not uow.repository(SecondFactorRepository).is_on():
            return False
        _remove(uow)
        tell(uow, user, Action.SECOND_FACTOR_REMOVED, "second_factor_off")
        return True


@contextmanager
def _one_guess(person: UserScope, ip_address: str = "") -> Iterator[None]:
    """Around the transaction that takes a code: counts wrong ones, and writes them down after it was undone."""
    with rate_limit.one_guess(rates.code(str(person.user_id)), wrong=WrongCode):
        try:
            yield
        except WrongCode:
            with unit_of_work(person) as uow:
                record_security_event(uow, "code_wrong", user_id=person.user_id, ip_address=ip_address)
            raise


def _take_code(uow: UnitOfWork, person: UserScope, typed: str) -> User:
    """Uses a code of the app, or a recovery code; raises `WrongCode` or `SecondFactorIsOff`."""
    user = uow.repository(UserRepository).get_for_update(person.user_id)
    factors = uow.repository(SecondFactorRepository)
    factor = factors.find_for_update()
    if factor is None or factor.confirmed_at is None:
        raise SecondFactorIsOff
    if factors.use_recovery_code(hash_token(codes.plain(typed)), now()):
        tell(uow, user, Action.RECOVERY_CODE_USED, "recovery_code_used", left=factors.count_recovery_codes())
    else:
        _take_step(factor, typed)
    return user


def _take_step(factor: SecondFactor, typed: str) -> None:
    secret = unseal(factor.sealed, purpose=PURPOSE, belongs_to=str(factor.id)).decode()
    step = codes.matching_step(secret, codes.plain(typed), now(), factor.last_step)
    if step is None:
        raise WrongCode
    factor.last_step = step


def _new_recovery_codes(uow: UnitOfWork, user_id: UUID) -> RecoveryCodes:
    made = codes.new_recovery_codes()
    hashes = [hash_token(codes.plain(code)) for code in made]
    uow.repository(SecondFactorRepository).replace_recovery_codes(user_id, hashes)
    return RecoveryCodes(tuple(made))


def _remove(uow: UnitOfWork) -> None:
    uow.repository(SecondFactorRepository).remove()
    uow.repository(PendingSignInRepository).remove_all()
