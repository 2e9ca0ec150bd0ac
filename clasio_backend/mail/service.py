"""Outgoing mail: written in the transaction of what it tells about, sent by a job.

What fills a template may hold a link with a token, so it is stored encrypted and removed once the message is sent.
Without a mail server messages are kept for the operator to read (the outbox).
"""

import json
from uuid import UUID

from jinja2 import TemplateError

from clasio_backend.core import gateway
from clasio_backend.core.clock import now
from clasio_backend.core.config import get_settings
from clasio_backend.core.gateway import Claim
from clasio_backend.core.ids import new_id
from clasio_backend.core.job_queue import JobKind, enqueue, finish
from clasio_backend.core.scope import Scope, system_scope
from clasio_backend.core.unit_of_work import UnitOfWork, unit_of_work
from clasio_backend.integrations.mail import smtp
from clasio_backend.mail.render import message_of, render
from clasio_backend.mail.repository import MailRepository
from clasio_backend.mail.schemas import KeptMail
from clasio_backend.models import Mail
from clasio_backend.models.mails import MailState
from clasio_backend.security.encryption import CannotUnseal, seal, unseal

PURPOSE = "mail"
MAX_KEPT = 100


def can_send() -> bool:
    """Whether a mail server is set."""
    return get_settings().smtp_url is not None


def queue_mail(uow: UnitOfWork, to_address: str, template: str, **values: str) -> UUID:
    """Writes the message down, and a job that sends it after the commit."""
    organization_id, mail_id = uow.scope.organization_id, new_id()
    sealed = seal(json.dumps(values).encode(), purpose=PURPOSE, belongs_to=str(mail_id))
    state = MailState.QUEUED if can_send() else MailState.KEPT
    mail = Mail(
        organization_id=organization_id,
        id=mail_id,
        to_address=to_address,
        template=template,
        sealed=sealed,
        state=state,
    )
    uow.repository(MailRepository).add(mail)
    if state == MailState.QUEUED:
        enqueue(uow, JobKind.SEND_MAIL, str(mail_id), payload={"mail_id": str(mail_id)})
    return mail_id


def send_mail(scope: Scope, claim: Claim, mail_id: UUID) -> None:
    """The job: hands the message to the mail server, then forgets what it said."""
    with unit_of_work(scope) as uow:
        mail = uow.repository(MailRepository).get(mail_id)
        url = get_settings().smtp_url
        is_due = mail.state == MailState.QUEUED and mail.sealed is not None
        message = message_of(mail.id, mail.to_address, render(mail.template, _values(mail))) if is_due else None
    if message is not None and url is not None:
        smtp.send(url.get_secret_value(), message)
    with unit_of_work(scope) as uow:
        mail = uow.repository(MailRepository).get(mail_id)
        if message is not None:
            mail.state = MailState.SENT if url is not None else MailState.KEPT
            mail.sent_at = now() if url is not None else None
            mail.sealed = None if url is not None else mail.sealed
        finish(uow, claim)


def settle_unsent(uow: UnitOfWork, mail_id: UUID, message: str) -> None:
    """When every attempt failed: what it said goes, why stays."""
    mail = uow.repository(MailRepository).get(mail_id)
    mail.state, mail.error, mail.sealed = MailState.FAILED, message[:1000], None


def list_kept_mails() -> list[KeptMail]:
    """The newest messages that no mail server took, of all organizations. For operators: the caller checks that."""
    kept = []
    for found in gateway.kept_mails(MAX_KEPT):
        with unit_of_work(system_scope(found.organization_id, "outbox")) as uow:
            mail = uow.repository(MailRepository).find(found.mail_id)
        if mail is not None and mail.sealed is not None:
            subject, text = _shown(mail)
            kept.append(KeptMail(mail.id, mail.created_at, mail.to_address, subject, text))
    return kept


def _shown(mail: Mail) -> tuple[str, str]:
    try:
        rendered = render(mail.template, _values(mail))
    except (CannotUnseal, TemplateError):  # another SECRET_KEY, or a message of another version
        return "Cannot be shown", "This message was written under another SECRET_KEY or by another version of Clasio."
    return rendered.subject, rendered.text


def _values(mail: Mail) -> dict[str, str]:
    values: dict[str, str] = json.loads(unseal(mail.sealed or b"", purpose=PURPOSE, belongs_to=str(mail.id)))
    return values
