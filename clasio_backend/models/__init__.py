"""All tables. Importing this package registers every one of them in `SQLModel.metadata`."""

from clasio_backend.models.activity import Activity, SecurityEvent
from clasio_backend.models.analyses import Analysis
from clasio_backend.models.blobs import Blob
from clasio_backend.models.categories import Category
from clasio_backend.models.data_keys import DataKey
from clasio_backend.models.documents import Document, DocumentText
from clasio_backend.models.exports import Export, Import
from clasio_backend.models.identities import Identity, SpentState
from clasio_backend.models.jobs import InstanceJob, Job, PausedQueue, QueueTurn, Schedule, ScheduleTick, Worker
from clasio_backend.models.mails import Mail
from clasio_backend.models.organizations import Invite, Membership, Organization
from clasio_backend.models.renderings import Rendering
from clasio_backend.models.second_factors import PendingSignIn, RecoveryCode, SecondFactor
from clasio_backend.models.shares import Share, ShareOpen
from clasio_backend.models.tokens import ApiToken, OneTimeLink, OperatorToken, UserSession
from clasio_backend.models.usage import UsageCounter, UsageNotice, UsageReservation
from clasio_backend.models.users import User

__all__ = [
    "Activity",
    "Analysis",
    "ApiToken",
    "Blob",
    "Category",
    "DataKey",
    "Document",
    "DocumentText",
    "Export",
    "Identity",
    "Import",
    "InstanceJob",
    "Invite",
    "Job",
    "Mail",
    "Membership",
    "OneTimeLink",
    "OperatorToken",
    "Organization",
    "PausedQueue",
    "PendingSignIn",
    "QueueTurn",
    "RecoveryCode",
    "Rendering",
    "Schedule",
    "ScheduleTick",
    "SecondFactor",
    "SecurityEvent",
    "Share",
    "ShareOpen",
    "SpentState",
    "UsageCounter",
    "UsageNotice",
    "UsageReservation",
    "User",
    "UserSession",
    "Worker",
]
