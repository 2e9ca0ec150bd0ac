"""The scheduled job behind leaving: what is due is carried out, and what was begun is finished."""

import logging
from collections.abc import Callable
from functools import partial
from uuid import UUID

from clasio_backend.core import gateway
from clasio_backend.core.errors import NotFound
from clasio_backend.leaving.account import delete_account
from clasio_backend.leaving.organization import delete_organization
from clasio_backend.leaving.purge import SETTLED, purge_organization

log = logging.getLogger(__name__)
LIMIT = 100


def carry_out_due() -> None:
    """Organizations before accounts, because a person can only go when the organization they wait for is gone.

    One that fails keeps none of the others waiting; the failure is raised at the end, so that the job shows it.
    """
    failures: list[Exception] = []
    for find, carry_out in _STEPS:
        for row_id in find(LIMIT):
            try:
                carry_out(row_id)
            except NotFound:
                continue  # another worker was faster
            except Exception as error:  # noqa: BLE001  # raised below
                log.warning("deletion_failed", extra={"id": str(row_id), "error": type(error).__name__})
                failures.append(error)
    if failures:
        raise ExceptionGroup("deletions that failed", failures)


_STEPS: tuple[tuple[Callable[[int], list[UUID]], Callable[[UUID], object]], ...] = (
    (gateway.organizations_to_delete, delete_organization),
    (gateway.accounts_to_delete, delete_account),
    (partial(gateway.organizations_to_purge, SETTLED), purge_organization),
)
