"""A new SECRET_KEY: nothing is lost on the way, whoever seals or opens meanwhile, and the former key is not needed."""

from collections.abc import Callable

import pytest
from sqlalchemy import LargeBinary
from sqlmodel import SQLModel

from clasio_backend.core.config import get_settings
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.documents.service import open_content, stream_content
from clasio_backend.integrations.storage import keys
from clasio_backend.mail.service import list_kept_mails, queue_mail
from clasio_backend.models.columns import SEALED_FOR
from clasio_backend.security.encryption import CannotUnseal
from clasio_backend.security.rotation import rotate
from tests import factories
from tests.cast import Actor
from tests.factors import finish, half_sign_in, turn_on
from tests.servers import Servers

FORMER = "only for tests: nothing is signed with it elsewhere"
NEW = "the new key of these tests, which nobody else has ever seen".replace(",", ";")
Use = Callable[[str], None]


@pytest.fixture
def use(empty_instance: Servers, monkeypatch: pytest.MonkeyPatch) -> Use:
    """Makes this process one that was started with another SECRET_KEY. What such a key sealed goes with it."""

    def start_with(secret_key: str) -> None:
        monkeypatch.setenv("SECRET_KEY", secret_key)
        get_settings.cache_clear()
        keys._cache.clear()

    yield start_with  # type: ignore[misc]
    monkeypatch.undo()
    get_settings.cache_clear()
    keys._cache.clear()
    empty_instance.empty()


def read(actor: Actor, document_id: object) -> bytes:
    with unit_of_work(actor.scope) as uow:
        content = open_content(uow, document_id)  # type: ignore[arg-type]
    return b"".join(stream_content(content))


def mail_shown(mail_id: object) -> str:
    return next(mail.subject for mail in list_kept_mails() if mail.id == mail_id)


def write_mail(actor: Actor) -> object:
    values = {"organization": "Acme", "inviter": "Ada", "link": "http://127.0.0.1/invite", "role": "member"}
    with unit_of_work(actor.scope) as uow:
        return queue_mail(uow, "new@example.org", "invite", **values)


def test_a_key_is_changed_while_others_work(empty_instance: Servers, use: Use) -> None:
    from tests import cast  # noqa: PLC0415

    owner = cast.owner()
    document, mail = factories.upload(owner.scope, "contract.txt", "signed"), write_mail(owner)
    subject = mail_shown(mail)
    factor = turn_on(owner, empty_instance)
    use(f"{NEW},{FORMER}")  # restarted with both
    assert (read(owner, document.id), mail_shown(mail)) == (b"signed", subject)
    newer = factories.upload(owner.scope, "newer.txt", "signed later")

    assert empty_instance.owner_url
    done = {result.column: (result.resealed, result.unopened) for result in rotate(empty_instance.owner_url)}
    assert done == dict.fromkeys(done, (0, 0)) | {
        "data_keys.sealed": (1, 0),
        "mails.sealed": (2, 0),
        "second_factors.sealed": (1, 0),
    }
    assert all(result.resealed == 0 for result in rotate(empty_instance.owner_url))  # twice is once

    use(NEW)  # the former key is off the list
    assert (read(owner, document.id), read(owner, newer.id)) == (b"signed", b"signed later")
    assert mail_shown(mail) == subject
    assert finish(half_sign_in(owner), factor.new_code())
    use(FORMER)
    with pytest.raises(CannotUnseal):
        read(owner, document.id)


def test_what_no_key_opens_is_counted_and_left_as_it_is(empty_instance: Servers, use: Use) -> None:
    from tests import cast  # noqa: PLC0415

    owner = cast.owner()
    document = factories.upload(owner.scope, "contract.txt", "signed")
    use(NEW)  # somebody forgot the former one
    assert {result.column: result.unopened for result in rotate(empty_instance.owner_url)}["data_keys.sealed"] == 1
    use(f"{NEW},{FORMER}")
    assert read(owner, document.id) == b"signed"


def test_every_column_of_sealed_bytes_is_marked() -> None:
    """One that is not would be lost with the former key. Hashes are bytes as well, and nobody opens them."""
    unmarked = [
        f"{table.name}.{column.name}"
        for table in SQLModel.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, LargeBinary) and SEALED_FOR not in column.info and not column.name.endswith("_hash")
    ]
    assert unmarked == []
