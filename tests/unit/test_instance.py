"""The folder of an instance: what keeps it from being used is said in a sentence."""

from pathlib import Path

import pytest

from clasio_backend.cli.instance import Instance, InstanceError


def test_a_folder_is_used_by_one_at_a_time(tmp_path: Path) -> None:
    first, second = Instance(tmp_path / "data"), Instance(tmp_path / "data")
    first.lock()
    with pytest.raises(InstanceError, match="already running"):
        second.lock()
    for lock in first._locks:
        lock.close()  # as the end of its process does
    second.lock()
    for lock in second._locks:
        lock.close()


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    file = tmp_path / "a file"
    file.write_text("not a folder")
    for data in (file, file / "data", Path("/proc/clasio")):
        with pytest.raises(InstanceError, match=r"cannot be written \(.+\)\. Use --data"):
            Instance(data).lock()
