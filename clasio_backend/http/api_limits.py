"""How many API requests a plan allows: per hour for the organization, per minute for each of its tokens.

Answers carry `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers), so that a script can slow down
before it is refused.
"""

from collections.abc import Iterable
from typing import Any

from fastapi import Request

from clasio_backend.accounts.schemas import TokenCall
from clasio_backend.core.errors import TooManyRequests
from clasio_backend.security import rate_limit, rates
from clasio_backend.security.rate_limit import Limit, Standing
from clasio_backend.usage.plans import PLANS, Plan
from clasio_backend.usage.words import upgrade_url

HEADERS = "rate_limit_headers"
"""Where in the request's state the headers of the answer are."""
_NAMES = {rates.API_OF_TOKEN: "token-minute", rates.API_OF_ORGANIZATION: "organization-hour"}


class ApiLimitReached(TooManyRequests):
    """What the plan allows is used up for now; `limit` is in requests."""

    code = "api_limit"

    def __init__(self, plan: Plan, reached: Standing) -> None:
        amount = reached.limit.item.amount
        whole = reached.limit.name == rates.API_OF_ORGANIZATION
        allowed = f"{amount:,} API requests an hour" if whole else f"each API token {amount:,} requests a minute"
        super().__init__(
            f"The {plan.name} plan allows {allowed}, and all of them are used. Go on in "
            f"{rate_limit.in_words(reached.more_in)}; an owner can upgrade the plan.",
            retry_after=reached.more_in,
        )
        self._members = {"limit": amount, "plan": plan.name, "upgrade_url": upgrade_url()}

    def details(self) -> dict[str, Any]:
        return {**super().details(), **self._members}


def count_call(request: Request, call: TokenCall) -> None:
    """Counts one request by API token; raises `ApiLimitReached`."""
    plan = PLANS[call.plan]
    limits = rates.api(
        str(call.scope.organization_id),
        plan.api_requests_per_hour,
        str(call.scope.token_id),
        plan.api_requests_per_minute,
    )
    spent = rate_limit.count(limits)
    found = [rate_limit.standing(limit) for limit in limits]
    setattr(request.state, HEADERS, _headers(limits, found))
    if spent is not None:
        raise ApiLimitReached(plan, found[limits.index(spent)])


def _headers(limits: Iterable[Limit], found: Iterable[Standing]) -> dict[str, str]:
    policies = (f'"{_NAMES[one.name]}";q={one.item.amount};w={one.item.get_expiry()}' for one in limits)
    standings = (f'"{_NAMES[one.limit.name]}";r={one.left};t={one.more_in}' for one in found)
    return {"RateLimit-Policy": ", ".join(policies), "RateLimit": ", ".join(standings)}
