"""What costs much is behind a limit of its own, found by looking: from each route and each handler of a page, every
way to it goes through a function that counts.

A function counts when it calls `rate_limit`, or calls another that does: `confirm_password` before a mail is written.
What a request is counted by anyway (`http/callers.py`) is not enough.
"""

from clasio_backend.core.config import PROJECT
from clasio_backend.security import rates
from clasio_backend.security.rates import Rate
from tests.architecture.calls import Graph, decorated, graph, reached
from tests.architecture.test_docs import rows

COSTLY = {
    "clasio_backend.security.passwords:hash_password": "slow on purpose",
    "clasio_backend.security.passwords:verify_password": "slow on purpose, and a guess",
    "clasio_backend.accounts.codes:matching_step": "a guess",
    "clasio_backend.mail.service:queue_mail": "goes to somebody's mailbox",
    "clasio_backend.http.uploads:received_file": "fills the store",
    "clasio_backend.documents.archive:stream_archive": "reads up to 10,000 files",
    "clasio_backend.exports.service:request_export": "reads everything",
    "clasio_backend.exports.service:stream_export": "as large as everything",
    "clasio_backend.activity.export:as_csv": "reads the whole activity",
    "clasio_backend.search.repository:SearchRepository": "the dearest query",
}
COUNTING = {f"clasio_backend.security.rate_limit:{name}" for name in ("take", "count", "one_guess")}
NOT_ENOUGH = "clasio_backend.http.callers:"
BOUNDED_OTHERWISE = {
    "clasio_backend.usage.notices:note_use": "one mail for each threshold of a limit (decision 0008)",
    "clasio_backend.usage.notices:noting_refusals": "as well",
    "clasio_backend.usage.notices:settle_notices": "as well",
    "clasio_backend.accounts.identities:connect_waiting": "one mail for each account, after a sign-in",
    "clasio_backend.leaving.account:keep_account": "one mail for each deletion, which needs the password",
    "clasio_backend.leaving.organization:keep_organization": "as well",
}


def entries() -> list[str]:
    return [*decorated("clasio_backend/http/", r"\w*router\."), *decorated("clasio_ui/state/", r"rx\.event")]


def unlimited(calls: Graph, counting: set[str]) -> set[tuple[str, str]]:
    """(entry, costly thing) with a way from one to the other on which nothing is counted."""
    direct = {name for name, to in calls.items() if to & counting and not name.startswith(NOT_ENOUGH)}
    before = {name for name, to in calls.items() if to & direct}
    stops = direct | before | set(BOUNDED_OTHERWISE)
    return {
        (entry, costly) for entry in entries() for costly in reached(calls, entry, not_through=stops) & COSTLY.keys()
    }


def test_every_way_to_what_costs_much_is_counted() -> None:
    assert unlimited(graph(), COUNTING) == set()


def test_without_the_limits_it_would_be_seen() -> None:
    found = unlimited(graph(), set())
    assert {costly for _, costly in found} == COSTLY.keys()
    assert {
        ("clasio_backend.http.auth:sign_in", "clasio_backend.security.passwords:verify_password"),
        ("clasio_ui.state.members:MembersState.send_invite", "clasio_backend.mail.service:queue_mail"),
    } <= found


def test_what_is_named_here_is_there() -> None:
    calls = graph()
    assert (COSTLY.keys() | COUNTING | BOUNDED_OTHERWISE.keys()) <= calls.keys()


def test_the_operations_page_lists_every_limit() -> None:
    page = (PROJECT / "docs" / "operations.md").read_text()
    listed = {(row[0].lower(), row[1]) for row in rows(page, "Limits on requests")}
    assert {(rate.what.lower(), rate.rate) for rate in vars(rates).values() if isinstance(rate, Rate)} <= listed
