"""Mail: sent by a job, tried again while the server is away, kept for the operator where there is none."""

from collections.abc import Iterator

import pytest

from clasio_backend.core.config import get_settings
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.mail.service import list_kept_mails, queue_mail
from clasio_backend.organizations.invites import invite, view_invite
from clasio_backend.organizations.schemas import NewInvite, SentInvite
from tests import factories
from tests.cast import Actor
from tests.fakes.smtp import MailServer
from tests.servers import Servers
from tests.worker import Worker


@pytest.fixture
def mail_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[MailServer]:
    """A mail server that SMTP_URL names."""
    server = MailServer()
    server.start()
    monkeypatch.setenv("SMTP_URL", server.url)
    get_settings.cache_clear()
    yield server
    server.stop()
    monkeypatch.undo()
    get_settings.cache_clear()


def send_invite(actor: Actor) -> SentInvite:
    with unit_of_work(actor.scope) as uow:
        return invite(uow, NewInvite(email=factories.new_email("nina")))


def mail_row(servers: Servers, to_address: str) -> tuple[str, bool, str]:
    """(state, whether what it says is still there, error)."""
    with servers.as_owner() as connection:
        row = connection.execute(
            "SELECT state, sealed IS NOT NULL, error FROM mails WHERE to_address = %s", [to_address]
        ).fetchone()
    assert row is not None
    return row


def test_an_invite_arrives_as_text_and_html_with_a_link_that_works(
    owner: Actor, worker: Worker, mail_server: MailServer, servers: Servers
) -> None:
    sent = send_invite(owner)
    assert sent.is_mailed
    worker.run_all()
    [message] = mail_server.mailbox.messages
    assert mail_server.mailbox.recipients == [sent.email]
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert html is not None
    for body in (text.get_content(), html.get_content()):
        assert sent.link in body
        assert owner.name in body
    assert message["Auto-Submitted"] == "auto-generated"
    assert view_invite(sent.link.partition("token=")[2]).email == sent.email
    assert mail_row(servers, sent.email) == ("sent", False, "")


def test_a_name_cannot_smuggle_headers_or_markup(owner: Actor, worker: Worker, mail_server: MailServer) -> None:
    with unit_of_work(owner.scope) as uow:
        queue_mail(
            uow,
            factories.new_email("nina"),
            "invite",
            inviter="Eve\r\nBcc: everybody@example.org <b>",
            organization="<script>alert(1)</script>",
            link="http://127.0.0.1/",
            until="tomorrow",
        )
    worker.run_all()
    [message] = mail_server.mailbox.messages
    assert message["Bcc"] is None
    assert len(mail_server.mailbox.recipients) == 1
    html = message.get_body(("html",))
    assert html is not None
    assert "<script" not in html.get_content()


def test_while_the_server_is_busy_the_message_waits_and_is_sent_once(
    owner: Actor, worker: Worker, mail_server: MailServer, servers: Servers
) -> None:
    mail_server.mailbox.refuse_with = "451 try later"
    sent = send_invite(owner)
    worker.run_all()
    [job] = worker.jobs_of(owner.organization_id)
    assert (job["state"], job["attempts"]) == ("queued", 1)
    mail_server.mailbox.refuse_with = None
    worker.make_due(job["id"])
    worker.run_all()
    assert len(mail_server.mailbox.messages) == 1
    assert mail_row(servers, sent.email)[0] == "sent"


def test_a_server_that_is_away_is_tried_again(owner: Actor, worker: Worker, mail_server: MailServer) -> None:
    mail_server.stop()
    send_invite(owner)
    worker.run_all()
    [job] = worker.jobs_of(owner.organization_id)
    assert job["state"] == "queued"
    assert "cannot be reached" in job["last_error"]


def test_an_address_refused_for_good_is_given_up_and_its_link_forgotten(
    owner: Actor, worker: Worker, mail_server: MailServer, servers: Servers
) -> None:
    mail_server.mailbox.refuse_with = "550 no such person"
    sent = send_invite(owner)
    worker.run_all()
    state, is_kept, error = mail_row(servers, sent.email)
    assert (state, is_kept) == ("failed", False)
    assert "550" in error


def test_without_a_server_the_message_is_kept_for_the_operator(owner: Actor, worker: Worker, servers: Servers) -> None:
    sent = send_invite(owner)
    assert not sent.is_mailed
    worker.run_all()
    assert mail_row(servers, sent.email) == ("kept", True, "")
    [kept] = [mail for mail in list_kept_mails() if mail.to_address == sent.email]
    assert sent.link in kept.text
