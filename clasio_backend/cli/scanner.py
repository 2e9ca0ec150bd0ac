"""Which virus scanner `up` runs with, when nobody has decided it."""

from clasio_backend.cli.instance import Instance, InstanceError, write_private
from clasio_backend.cli.say import say
from clasio_backend.core.config import LOOPBACK_HOSTS, SCANNER_UNDECIDED
from clasio_backend.integrations.clamav import find_local


def scanner_settings(instance: Instance, host: str) -> dict[str, str]:
    """A clamd that is found on this machine, once and for good: later it may be away, and files then wait for it.

    Raises `InstanceError` when others can reach Clasio, nothing is set and nothing is found.
    """
    if instance.is_given("SCANNER") or instance.is_given("CLAMD_URL"):
        return {}
    remembered = instance.data / "scanner"
    known = remembered.read_text().strip() if remembered.exists() else None
    url = known or find_local()
    if url is None:
        if host not in LOOPBACK_HOSTS:
            raise InstanceError(f"SCANNER: {SCANNER_UNDECIDED}.")
        return {}
    if known is None:
        write_private(remembered, f"{url}\n")
        say("Found ClamAV on this machine: every file is scanned before anybody can open it. SCANNER=off ends that.")
    return {"SCANNER": "clamd", "CLAMD_URL": url}
