"""Temporary files without a name in any folder: gone with their process, however it ends."""

from pathlib import Path
from typing import IO


def path_of(file: IO[bytes]) -> Path:
    """A path that opens `file`, from `tempfile.TemporaryFile`, for this process and as long as it is open."""
    return Path(f"/dev/fd/{file.fileno()}")
