"""What killed runs of the process runtime left: their pod folders, and the processes that these name."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from contextlib import suppress
from pathlib import Path

from harness.runtime.processes import POD_PREFIX, pod_is_abandoned, recorded_groups

_SNAPSHOTS = ("takehome-snapshot-",)


def sweep_processes(*, everything: bool = False) -> list[str]:
    """End the processes and remove the folders of pods whose run is gone; returns what was removed."""
    removed = []
    for folder in sorted(Path(tempfile.gettempdir()).glob(f"{POD_PREFIX}*")):
        if not (everything or pod_is_abandoned(folder)):
            continue
        for group in recorded_groups(folder):
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(group, signal.SIGKILL)
                removed.append(f"process group {group}")
        with suppress(OSError):
            shutil.rmtree(folder)
            removed.append(f"folder {folder.name}")
    return removed
