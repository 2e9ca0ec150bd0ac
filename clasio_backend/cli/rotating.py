"""`./clasio rotate-keys`: a new SECRET_KEY without losing what the former one encrypted."""

import json
import secrets
import sys
from dataclasses import asdict

from clasio_backend.cli.instance import Instance, InstanceError
from clasio_backend.core.config import get_settings
from clasio_backend.security.rotation import rotate

SECRET = "secret key"  # noqa: S105  # its name in secrets.json


def make_new_key(instance: Instance, *, as_json: bool) -> None:
    """Puts a new key before the present one; the processes that run know it after their next start."""
    _refuse_unless_own(instance)
    if "," in instance.secret(SECRET):
        raise InstanceError("A new key is there already. Restart Clasio, then run ./clasio rotate-keys.")
    instance.keep_secret(SECRET, f"{secrets.token_urlsafe(36)},{instance.secret(SECRET)}")
    _say(
        {"new_key": True},
        "A new key is in secrets.json, before the present one. Restart Clasio, then run ./clasio rotate-keys.",
        as_json=as_json,
    )


def rotate_keys(instance: Instance, *, as_json: bool) -> None:
    """Seals everything again under the first key; with a key of this instance's own, forgets the former ones."""
    is_own = not instance.is_given("SECRET_KEY")  # asked before `apply` gives it to this process
    instance.apply()
    settings = get_settings()
    if settings.database_owner_url is None:
        raise InstanceError("Set DATABASE_OWNER_URL: the rows of every organization are sealed again, as the owner.")
    if is_own and not instance.secret(SECRET).startswith(settings.secret_keys[0]):
        raise InstanceError("Restart Clasio, so that it knows the new key, then run this again.")
    rotated = rotate(settings.database_owner_url.get_secret_value())
    unopened = sum(result.unopened for result in rotated)
    is_single = len(settings.secret_keys) == 1
    if not unopened and not is_single and is_own:
        instance.keep_secret(SECRET, settings.secret_keys[0])
    words = f"{sum(result.resealed for result in rotated):,} secrets are sealed again under the first key."
    if unopened:
        words += (
            f" {unopened:,} open with no key of the list: put the key that sealed them at its end, and run this again."
        )
    elif not is_single:
        words += " The former keys are needed only for backups that were made before now."
    _say({"columns": [asdict(result) for result in rotated], "unopened": unopened}, words, as_json=as_json)
    sys.exit(1 if unopened else 0)


def _refuse_unless_own(instance: Instance) -> None:
    if instance.is_given("SECRET_KEY"):
        raise InstanceError("SECRET_KEY is set by you: put a new key before it, with a comma, and restart Clasio.")
    if not (instance.data / "secrets.json").exists():
        raise InstanceError(f"There is no instance in {instance.data}. Start it with ./clasio up.")


def _say(facts: dict[str, object], words: str, *, as_json: bool) -> None:
    print(json.dumps(facts) if as_json else words)
