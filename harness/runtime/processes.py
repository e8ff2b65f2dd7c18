"""Our temporary folders on disk: who owns one, and which process groups a pod of the process runtime started."""

from __future__ import annotations

import os
import time
from pathlib import Path

import psutil

POD_PREFIX = "takehome-pod-"
SNAPSHOT_PREFIX = "takehome-snapshot-"
VERIFY_PREFIX = "takehome-verify-"
# A run signs its folder at once, unless it is killed before it can.
_UNSIGNED_S = 600.0


def process_start(pid: int) -> str:
    """When a process of this host began; "" when there is none. Tells a process from a later one of the same number."""
    try:
        return f"{psutil.Process(pid).create_time():.2f}"
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return ""


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
