"""The REST API, version 1: stable for other people's scripts."""

from fastapi import APIRouter

from clasio_backend.http.api_v1 import (
    account,
    activity,
    analyses,
    categories,
    documents,
    email_address,
    exports,
    identities,
    jobs,
    leaving,
    members,
    ops,
    organization,
    quarantine,
    search,
    second_factor,
    sessions,
    shares,
    trash,
    usage,
)

router = APIRouter(prefix="/api/v1")
for part in (
    documents,
    trash,
    quarantine,
    search,
    shares,
    jobs,
    organization,
    categories,
    usage,
    members,
    activity,
    exports,
    account,
    sessions,
    second_factor,
    email_address,
    identities,
    leaving,
    ops,
    analyses,
):
    router.include_router(part.router)
router.include_router(documents.archive_router)
