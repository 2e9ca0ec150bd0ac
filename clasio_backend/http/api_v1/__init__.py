"""The REST API, version 1: stable for other people's scripts."""

from fastapi import APIRouter

from clasio_backend.http.api_v1 import account, documents, jobs, organization, search

router = APIRouter(prefix="/api/v1")
for part in (documents, search, jobs, organization, account):
    router.include_router(part.router)
