"""All tables. Importing this package registers every one of them in `SQLModel.metadata`."""

from clasio_backend.models.activity import Activity, SecurityEvent
from clasio_backend.models.analyses import Analysis
from clasio_backend.models.blobs import Blob
from clasio_backend.models.categories import Category
from clasio_backend.models.documents import Document, DocumentText
from clasio_backend.models.jobs import InstanceJob, Job, Schedule, ScheduleTick, Worker
from clasio_backend.models.organizations import Membership, Organization
from clasio_backend.models.tokens import ApiToken, OneTimeLink, UserSession
from clasio_backend.models.usage import UsageCounter, UsageReservation
from clasio_backend.models.users import User

__all__ = [
    "Activity",
    "Analysis",
    "ApiToken",
    "Blob",
    "Category",
    "Document",
    "DocumentText",
    "InstanceJob",
    "Job",
    "Membership",
    "OneTimeLink",
    "Organization",
    "Schedule",
    "ScheduleTick",
    "SecurityEvent",
    "UsageCounter",
    "UsageReservation",
    "User",
    "UserSession",
    "Worker",
]
