"""Every limit on how often something may be done, in one place: `docs/operations.md` has the same table, and a test
keeps the two alike. `rate_limit` counts them.

A caller's network is an address, or the /64 of an IPv6 address. Limits of networks are those of an office: each person
has lower ones, and the plan's where there is one.
"""

from dataclasses import dataclass

from clasio_backend.security.networks import network_of
from clasio_backend.security.rate_limit import Limit

EVERYBODY = "all"


@dataclass(frozen=True, slots=True)
class Rate:
    """`what` is counted, `rate` of it at most; with `counts_right` also what is not a wrong guess."""

    what: str
    rate: str
    counts_right: bool = False

    def of(self, key: str) -> Limit:
        return Limit(self.what, self.rate, key, counts_right=self.counts_right)


FAILED_SIGN_INS_OF_ACCOUNT = Rate("failed sign-ins of an account", "10 per 5 minutes")
FAILED_SIGN_INS_FROM_NETWORK = Rate("failed sign-ins from a network", "50 per 5 minutes")
FAILED_SIGN_INS = Rate("failed sign-ins in all", "1000 per 5 minutes")
SIGN_INS_FROM_NETWORK = Rate("sign-ins from a network, right ones too", "600 per 5 minutes", counts_right=True)
WRONG_CONFIRMATIONS = Rate("wrong passwords of somebody signed in", "10 per 5 minutes")
CONFIRMATIONS = Rate("passwords of somebody signed in, right ones too", "60 per 5 minutes", counts_right=True)
WRONG_CODES = Rate("wrong codes of a second factor", "10 per 5 minutes")
WRONG_CODES_A_DAY = Rate("wrong codes of a second factor in a day", "100 per day")
LINKS_FROM_NETWORK = Rate("uses of links that work once, from a network", "300 per 5 minutes")
RESETS_OF_ADDRESS = Rate("forgotten passwords of an e-mail address", "5 per hour")
RESETS_FROM_NETWORK = Rate("forgotten passwords from a network", "20 per hour")
RESETS = Rate("forgotten passwords in all", "1000 per hour")
CONFIRMATION_MAILS = Rate("mails that confirm a person's address", "5 per hour")
INVITES = Rate("invites of an organization, sent again too", "300 per hour")
SHARES = Rate("new shares of a person", "300 per hour")
MAILED_SHARES = Rate("shares of an organization that are mailed", "300 per hour")
PROVIDER_FROM_NETWORK = Rate("ways to a sign-in provider and back, from a network", "100 per 5 minutes")
SHARE_PASSWORDS_FROM_NETWORK = Rate("passwords of a share from a network", "10 per 5 minutes")
SHARE_PASSWORDS = Rate("passwords of a share", "50 per 5 minutes")
SHARE_VISITS = Rate("requests for shares from a network", "300 per 5 minutes")
SHARE_PICTURES = Rate("pictures of shared pages from a network", "3000 per 5 minutes")
SHARE_DRAWING_FROM_NETWORK = Rate("shared pages drawn anew from a network", "500 per 5 minutes")
SHARE_DRAWING = Rate("pages of a share drawn anew", "1000 per 5 minutes")
UPLOADS = Rate("uploads into an organization", "6000 per 10 minutes")
EXPORTS = Rate("exports asked for by a person", "20 per hour")
LARGE_DOWNLOADS = Rate("ZIP files, exports and CSV files of a person", "120 per 10 minutes")
SEARCHES = Rate("searches of a person", "300 per minute")
BROWSER_REQUESTS = Rate("requests of a person's browsers to the API", "12000 per 10 minutes")
OPERATOR_REQUESTS = Rate("API requests of an operator token", "600 per minute")
API_OF_ORGANIZATION = "API requests of an organization"
API_OF_TOKEN = "API requests of a token"  # noqa: S105  # what is counted


def sign_in(account: str, ip_address: str) -> tuple[Limit, ...]:
    """Per account, per address and in all (ASVS 5.0.0 §6.3.1); nobody is locked out for good."""
    network = network_of(ip_address)
    return (
        FAILED_SIGN_INS_OF_ACCOUNT.of(account),
        FAILED_SIGN_INS_FROM_NETWORK.of(network),
        FAILED_SIGN_INS.of(EVERYBODY),
        SIGN_INS_FROM_NETWORK.of(network),
    )


def confirmation(user_id: str) -> tuple[Limit, ...]:
    """Passwords of somebody who is signed in and is asked for it again; a right one may send a mail each time."""
    return (WRONG_CONFIRMATIONS.of(user_id), CONFIRMATIONS.of(user_id))


def code(user_id: str) -> tuple[Limit, ...]:
    """Three codes of a million are right at any time: a hundred guesses a day find one in nine years. Only who knows
    the password can use them up.
    """
    return (WRONG_CODES.of(user_id), WRONG_CODES_A_DAY.of(user_id))


def link(ip_address: str) -> tuple[Limit, ...]:
    """Nobody guesses 256 bits, but each try costs a look-up, and a right one a slow hash."""
    return (LINKS_FROM_NETWORK.of(network_of(ip_address)),)


def reset(email: str, ip_address: str) -> tuple[Limit, ...]:
    """Asked for by anybody, so few to one address, whether somebody has it or not."""
    return (RESETS_OF_ADDRESS.of(email), RESETS_FROM_NETWORK.of(network_of(ip_address)), RESETS.of(EVERYBODY))


def provider(ip_address: str) -> tuple[Limit, ...]:
    """Ways to a provider and back: an office behind one address signs in in the morning, nobody a thousand times.

    None for all together: there is nothing to guess, and whoever used it up would keep everybody out.
    """
    return (PROVIDER_FROM_NETWORK.of(network_of(ip_address)),)


def share(user_id: str, organization_id: str, *, is_mailed: bool) -> tuple[Limit, ...]:
    """Mail goes to whatever address somebody types."""
    mailed = (MAILED_SHARES.of(organization_id),) if is_mailed else ()
    return (SHARES.of(user_id), *mailed)


def share_password(share_id: str, ip_address: str) -> tuple[Limit, ...]:
    """Few from one network, and not many from all together."""
    network = network_of(ip_address)
    return (SHARE_PASSWORDS_FROM_NETWORK.of(f"{share_id} {network}"), SHARE_PASSWORDS.of(share_id))


def share_visit(ip_address: str) -> tuple[Limit, ...]:
    return (SHARE_VISITS.of(network_of(ip_address)),)


def share_picture(ip_address: str) -> tuple[Limit, ...]:
    """Several a page, and most of them are drawn already."""
    return (SHARE_PICTURES.of(network_of(ip_address)),)


def share_drawing(share_id: str, ip_address: str) -> tuple[Limit, ...]:
    """Pages that visitors have drawn anew, and their words: what costs a process and the whole file decrypted."""
    return (SHARE_DRAWING_FROM_NETWORK.of(network_of(ip_address)), SHARE_DRAWING.of(share_id))


def api(organization_id: str, per_hour: int, token_id: str, per_minute: int) -> tuple[Limit, Limit]:
    """What the plan allows: first of the token, so that one that runs wild does not use up the organization's hour."""
    return (
        Limit(API_OF_TOKEN, f"{per_minute} per minute", token_id),
        Limit(API_OF_ORGANIZATION, f"{per_hour} per hour", organization_id),
    )
