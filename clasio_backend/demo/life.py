"""What people do with documents: the demo shares some, corrects one, throws some away and waits for a colleague."""

from uuid import UUID

from clasio_backend.core.scope import Scope
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.documents.schemas import DocumentChange, DocumentRow
from clasio_backend.documents.service import change_document
from clasio_backend.documents.trash import trash_document
from clasio_backend.mail.service import can_send
from clasio_backend.organizations.invites import invite
from clasio_backend.organizations.schemas import NewInvite
from clasio_backend.sharing.schemas import Device, NewShare
from clasio_backend.sharing.service import share_document
from clasio_backend.sharing.visits import open_share, visit

ACCOUNTANT = "kim@ledgerandlock.example"
NEWCOMER = "noor@larkfield.example"
TRASHED = 3


def bring_to_life(owner: Scope, member: Scope, documents: list[DocumentRow]) -> None:
    """`documents` are the demo's, the newest last. Messages are made only where no mail server would send them."""
    *earlier, latest = documents
    for document in earlier[:TRASHED]:
        with unit_of_work(member) as uow:
            trash_document(uow, document.id)
    offered, signed, corrected = earlier[-1], earlier[-2], earlier[-3]
    _share(owner, latest.id, NewShare(expires_in_days=7), opened_on=(Device.COMPUTER, Device.PHONE))
    _share(member, offered.id, NewShare(access="editor", expires_in_days=30), opened_on=(Device.TABLET,))
    with unit_of_work(owner) as uow:
        change_document(uow, corrected.id, DocumentChange(summary="Checked by Ada: nothing is left to do here."))
    if not can_send():
        _share(owner, signed.id, NewShare(email=ACCOUNTANT, expires_in_days=14))
        with unit_of_work(owner) as uow:
            invite(uow, NewInvite(email=NEWCOMER))


def _share(scope: Scope, document_id: UUID, wanted: NewShare, *, opened_on: tuple[Device, ...] = ()) -> None:
    with unit_of_work(scope) as uow:
        token = share_document(uow, document_id, wanted).link.rsplit("/", 1)[1]
    for device in opened_on:
        visit(open_share(token, None), device)
