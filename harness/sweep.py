"""What killed runs left on this host: their temporary folders, and the processes that those of pods name."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

from harness.runtime.processes import (
    POD_PREFIX,
    SNAPSHOT_PREFIX,
    VERIFY_PREFIX,
    pod_is_abandoned,
    recorded_groups,
)


def sweep_processes(*, everything: bool = False) -> list[str]:
    """End the processes and remove the folders of pods whose run is gone; returns what was removed."""
    removed = []
    root = Path(tempfile.gettempdir())
    for folder in sorted(p for prefix in (POD_PREFIX, SNAPSHOT_PREFIX, VERIFY_PREFIX) for p in root.glob(f"{prefix}*")):
        # Anybody may make a folder of such a name here; what it says is only believed of our own.
        if not _is_ours(folder) or not (everything or pod_is_abandoned(folder)):
            continue
        for group in recorded_groups(folder):
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(group, signal.SIGKILL)
                removed.append(f"process group {group}")
        # Another run may be sweeping the same at this moment: os.walk passes over what is gone, rglob raises.
        _open(folder)
        for place, folders, _ in os.walk(folder):
            for name in folders:
                _open(Path(place, name))
        with suppress(OSError):
            shutil.rmtree(folder)
            removed.append(f"folder {folder.name}")
    return removed


def _open(folder: Path) -> None:
    """Let what is in it be listed and removed: snapshots are read-only, and a submission may close its folders."""
    with suppress(OSError):
        if not folder.is_symlink():
            folder.chmod(0o700)


def _is_ours(folder: Path) -> bool:
    try:
        found = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid()
