"""Time and peak memory of importing and exporting an organization of many documents.

python -m tests.bench.export_memory --documents 10000
"""

import argparse
import hashlib
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import psutil

from tests.servers import Servers, clear_settings_from_environment

MEGABYTE = 1_000_000
WORDS = [f"word{number}" for number in range(20_000)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=10_000)
    parser.add_argument("--kilobytes", type=int, default=50, help="size of each document")
    parser.add_argument("--words", type=int, default=600, help="length of each document's text")
    parser.add_argument("--export-of", type=UUID, help=argparse.SUPPRESS)  # the measured process itself
    wanted = parser.parse_args()
    if wanted.export_of is not None:
        export(wanted.export_of)
        return
    clear_settings_from_environment()
    servers = Servers()
    os.environ.update(servers.environment)
    try:
        servers.start()
        with tempfile.TemporaryDirectory(prefix="clasio-bench-") as folder:
            run(wanted, Path(folder))
    finally:
        servers.stop()
        servers.remove()


def run(wanted: argparse.Namespace, folder: Path) -> None:
    from tests import exporting, factories  # noqa: PLC0415  # after the settings are there

    email = factories.new_person("Bench").email
    path = made_export(folder / "made.zip", email, wanted)
    print(f"cores: {os.cpu_count()}, file: {path.stat().st_size / MEGABYTE:.0f} MB, {wanted.documents:,} documents")
    with measured("import"):
        imported = exporting.bring_in(path)
    # In a process that has held nothing yet: what is free again in this one would hide what an export needs.
    command = [sys.executable, "-m", "tests.bench.export_memory", "--export-of", str(imported.organization_id)]
    subprocess.run(command, check=True)


def export(organization_id: UUID) -> None:
    from clasio_backend.core.scope import system_scope  # noqa: PLC0415  # after the settings are there
    from clasio_backend.exports.archive import ExportArchive  # noqa: PLC0415  # as above
    from clasio_backend.exports.collecting import Collector  # noqa: PLC0415  # as above
    from clasio_backend.integrations.storage import get_blob_store  # noqa: PLC0415  # as above

    scope = system_scope(organization_id, "bench")
    with measured("export into the store"):
        archive = ExportArchive(scope, Collector(scope, None), lambda _done, _total: None)
        get_blob_store().write_made(scope.organization_id, "bench", archive.pieces(), about_bytes=0)
    print(f"{archive.documents:,} documents, {archive.size_bytes / MEGABYTE:.0f} MB")


@contextmanager
def measured(what: str) -> Iterator[None]:
    process = psutil.Process()
    idle = process.memory_info().rss
    peak, done = [idle], threading.Event()

    def look() -> None:
        while not done.wait(0.02):
            peak[0] = max(peak[0], process.memory_info().rss)

    thread = threading.Thread(target=look)
    thread.start()
    started = time.perf_counter()
    yield
    seconds = time.perf_counter() - started
    done.set()
    thread.join()
    print(
        f"{what}: {seconds:.1f} s, idle {idle // MEGABYTE} MB, peak {peak[0] // MEGABYTE} MB, "
        f"{(peak[0] - idle) // MEGABYTE} MB over"
    )


def made_export(path: Path, email: str, wanted: argparse.Namespace) -> Path:
    """An export of `wanted.documents` documents, written without holding it."""
    from tests import exporting  # noqa: PLC0415  # after the settings are there

    pattern = exporting.version_1(email)
    document, analysis = pattern.lines("documents")[0], pattern.lines("analyses")[0]
    chance = random.Random(20)  # the same everywhere
    members: list[dict[str, Any]] = []
    lines: dict[str, list[bytes]] = {"documents": [], "texts": [], "analyses": []}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:

        def add(name: str, content: bytes) -> str:
            sha256 = hashlib.sha256(content).hexdigest()
            members.append({"name": name, "size_bytes": len(content), "sha256": sha256})
            archive.writestr(name, content, zipfile.ZIP_STORED if "/" in name else zipfile.ZIP_DEFLATED)
            return sha256

        for number in range(1, wanted.documents + 1):
            content = chance.randbytes(wanted.kilobytes * 1_000)
            row_id = f"01890000-0000-7000-8000-{number:012}"
            name = f"documents/{number:06} {number}.txt"
            one = {"id": row_id, "name": f"{number}.txt", "size_bytes": len(content), "file": name}
            lines["documents"].append(_line(document | one | {"sha256": add(name, content)}))
            text = " ".join(chance.choices(WORDS, k=wanted.words))
            lines["texts"].append(_line({"document_id": row_id, "text": text, "is_truncated": False}))
            of = {"id": f"01890000-0000-7000-9000-{number:012}", "document_id": row_id}
            lines["analyses"].append(_line(analysis | of))
        for name, content in pattern.members.items():
            known = name.removesuffix(".jsonl")
            if not name.startswith("documents/"):
                add(name, b"".join(lines[known]) if known in lines else content)
        counts = pattern.manifest["counts"] | dict.fromkeys(lines, wanted.documents)
        manifest = pattern.manifest | {"members": members, "counts": counts, "left_out": []}
        archive.writestr("manifest.json", json.dumps(manifest))
    return path


def _line(value: dict[str, Any]) -> bytes:
    return json.dumps(value).encode() + b"\n"


if __name__ == "__main__":
    main()
