"""`./clasio doctor`: looks at everything a healthy instance needs; each fault comes with the line that mends it."""

import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import cast

from clasio_backend.cli.faults import in_words
from clasio_backend.cli.instance import Instance
from clasio_backend.core.config import get_settings

LOW_DISK_BYTES = 2_000_000_000


@dataclass(frozen=True, slots=True)
class Finding:
    """`fix` says what to do; empty when all is well."""

    part: str
    is_well: bool
    says: str
    fix: str = ""


def examine(instance: Instance) -> list[dict[str, object]]:
    """All findings, each as a plain mapping."""
    findings: dict[str, Finding] = {}
    for part, check in _checks(instance).items():
        if part in _NEED_SETTINGS and not findings["settings"].is_well:
            findings[part] = Finding(part, is_well=False, says="Not looked at.", fix="Mend the settings first.")
        else:
            findings[part] = _checked(part, check)
    return [asdict(finding) for finding in findings.values()]


def _checked(part: str, check: Callable[[], Finding]) -> Finding:
    try:
        return check()
    except Exception as error:  # noqa: BLE001  # a doctor that faints is no help
        says = in_words(error) or f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"
        return Finding(part, is_well=False, says=says, fix=_FIXES.get(part, ""))


_NEED_SETTINGS = {"database", "redis", "storage", "scanner", "sign-in"}
_FIXES = {
    "settings": "Start Clasio with ./clasio up, or mend .env.",
    "disk": "Check --data.",
    "database": "Start Clasio with ./clasio up, or check DATABASE_URL.",
    "redis": "Start Clasio with ./clasio up, or check REDIS_URL.",
    "scanner": "Start clamd, or check CLAMD_URL: until it answers, nobody can open what comes in.",
    "storage": "Check STORAGE_URL and its permissions.",
    "readers": "Start ./clasio doctor again; if it stays, look at the memory that is free.",
}


def _checks(instance: Instance) -> dict[str, Callable[[], Finding]]:
    return {
        "settings": lambda: _settings(instance),
        "disk": lambda: _disk(instance),
        "database": _database,
        "redis": _redis,
        "storage": _storage,
        "text recognition": _tesseract,
        "readers": _readers,
        "scanner": _scanner,
        "sign-in": _providers,
    }


def _settings(instance: Instance) -> Finding:
    instance.apply()
    settings = get_settings()
    return Finding("settings", is_well=True, says=f"People open {settings.base_url}.")


def _disk(instance: Instance) -> Finding:
    free = shutil.disk_usage(instance.data if instance.data.exists() else instance.data.parent).free
    words = f"{free / 1e9:.1f} GB are free."
    if free < LOW_DISK_BYTES:
        return Finding("disk", is_well=False, says=words, fix="Free some space: uploads are refused when it is full.")
    return Finding("disk", is_well=True, says=words)


def _database() -> Finding:
    from clasio_backend.core.db import get_engine, refuse_unsafe_role  # noqa: PLC0415  # keeps the start light
    from clasio_backend.core.migrate import pending_revisions  # noqa: PLC0415  # as above

    refuse_unsafe_role()
    if pending_revisions(get_engine()):
        return Finding(
            "database", is_well=False, says="Migrations are missing.", fix="Run ./clasio migrate, or ./clasio up."
        )
    return Finding("database", is_well=True, says="It answers, is up to date, and its role is bound by the policies.")


def _redis() -> Finding:
    from clasio_backend.core.redis import JOBS_DATABASE, shared  # noqa: PLC0415  # as above

    client = shared(JOBS_DATABASE)
    client.ping()
    answer = cast("dict[str, str]", client.config_get("maxmemory-policy"))
    policy = answer.get("maxmemory-policy")
    if policy != "noeviction":
        fix = "Set maxmemory-policy to noeviction: an evicted wake-up delays work."
        return Finding("redis", is_well=False, says=f"maxmemory-policy is {policy}.", fix=fix)
    return Finding("redis", is_well=True, says="It answers and evicts nothing.")


def _storage() -> Finding:
    from clasio_backend.integrations.storage import get_blob_store  # noqa: PLC0415  # as above

    get_blob_store().check()
    return Finding("storage", is_well=True, says="Files can be written and read.")


def _tesseract() -> Finding:
    if shutil.which("tesseract"):
        return Finding("text recognition", is_well=True, says="tesseract is installed.")
    fix = "apt install tesseract-ocr (and tesseract-ocr-deu … for other languages)."
    return Finding("text recognition", is_well=False, says="Scans and pictures cannot be read.", fix=fix)


def _readers() -> Finding:
    from clasio_backend.documents.reading import shut_down, standing_walls, walls  # noqa: PLC0415  # as above

    try:
        open_ways = walls.in_words(standing_walls())
    finally:
        shut_down()
    if open_ways:
        return Finding("readers", is_well=False, says=open_ways, fix=walls.HOW_TO_MEND)
    return Finding("readers", is_well=True, says="The kernel lets them read, and nothing else.")


def _scanner() -> Finding:
    from clasio_backend.integrations.clamav import get_scanner  # noqa: PLC0415  # as above

    scanner = get_scanner()
    if scanner is None:
        return Finding("scanner", is_well=True, says="Off: documents are marked as not scanned.")
    return Finding("scanner", is_well=True, says=f"{scanner.version()}.")


def _providers() -> Finding:
    from clasio_backend.integrations.oidc import list_providers, look_at  # noqa: PLC0415  # as above

    named = []
    for provider in list_providers():
        if cause := look_at(provider):
            says = f"{provider.name} at {provider.issuer} cannot be used to sign in: {cause}."
            fix = "discovery_other_issuer: spell OIDC_ISSUER as the provider does. Others: can this host reach it?"
            return Finding("sign-in", is_well=False, says=says, fix=fix)
        named.append(provider.name)
    return Finding("sign-in", is_well=True, says=f"By password{''.join(f', {name}' for name in named)}.")
