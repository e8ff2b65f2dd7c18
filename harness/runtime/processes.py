"""Our temporary folders on disk: who owns one, and which process groups a pod of the process runtime started."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from harness.errors import EnvironmentFault

POD_PREFIX = "takehome-pod-"
SNAPSHOT_PREFIX = "takehome-snapshot-"
VERIFY_PREFIX = "takehome-verify-"
_BOOT = Path("/proc/sys/kernel/random/boot_id")
# A run signs its folder at once, unless it is killed before it can.
_UNSIGNED_S = 600.0


def process_start(pid: int) -> str:
    """When a process of this host began; "" when there is none. Tells a process from a later one of the same number.

    On Linux in ticks since this boot: the time of day changes for all processes when the clock is set.
    """
    if _BOOT.is_file():
        return _since_boot(pid)
    try:
        return f"{psutil.Process(pid).create_time():.2f}"
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return ""


def _since_boot(pid: int) -> str:
    try:
        # The 22nd field (proc(5)); the second, a name in brackets, may hold anything.
        ticks = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()[19]
        return f"{_BOOT.read_text().strip()[:8]}-{ticks}"
    except (OSError, IndexError):
        return ""


@contextmanager
def signed_folder(prefix: str) -> Iterator[Path]:
    """A temporary folder of ours, removed in the end.

    Raises:
        EnvironmentFault: it can't be made.
    """
    try:
        made = tempfile.TemporaryDirectory(prefix=prefix, ignore_cleanup_errors=True)
    except OSError as error:
        raise _no_folder(error) from error
    with made as name:
        try:
            sign(Path(name))
        except OSError as error:
            raise _no_folder(error) from error
        yield Path(name)


def _no_folder(error: OSError) -> EnvironmentFault:
    return EnvironmentFault(
        "a temporary folder can't be made",
        # Not gettempdir(): it fails alike where none can be written to.
        where=tempfile.tempdir or os.environ.get("TMPDIR", ""),
        detail=str(error),
        next_step="make room there, or name another folder by TMPDIR",
    )


def sign(folder: Path) -> None:
    """Note in a folder who owns it."""
    (folder / "owner").write_text(f"{os.getpid()} {process_start(os.getpid())}\n")


def record_group(folder: Path, pid: int) -> None:
    """Note a process group that the pod started."""
    with (folder / "groups").open("a") as file:
        file.write(f"{pid} {process_start(pid)}\n")


def _alive(line: str) -> bool:
    pid, _, start = line.strip().partition(" ")
    return pid.isdigit() and start != "" and process_start(int(pid)) == start


def pod_is_abandoned(folder: Path) -> bool:
    """Whether the run that made this folder is gone."""
    try:
        return not _alive((folder / "owner").read_text())
    except FileNotFoundError:
        return _age(folder) > _UNSIGNED_S
    except OSError:
        return False


def _age(folder: Path) -> float:
    try:
        return time.time() - folder.lstat().st_mtime
    except OSError:
        return 0.0


def recorded_groups(folder: Path) -> list[int]:
    """The process groups of a pod that still run as what they were."""
    try:
        lines = (folder / "groups").read_text().splitlines()
    except OSError:
        return []
    return [int(line.split()[0]) for line in lines if _alive(line)]
