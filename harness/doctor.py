"""Doctor: what a grade needs, looked at one by one, each with a mend."""

from __future__ import annotations

import platform
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import uv

from harness.errors import TakehomeError
from harness.postgres import binaries
from harness.runtime.cache import cache_folder

# runc before 1.1.12 lets a container reach the host's file system (CVE-2024-21626).
_RUNC_FLOOR = (1, 1, 12)
_ROOM_GB = 5


@dataclass(frozen=True)
class Diagnosis:
    """`bad` stops grading under that runtime, `warn` doesn't."""

    name: str
    state: Literal["ok", "warn", "bad"]
    text: str
    mend: str = ""


def examine(base_image: str | None = None) -> Iterator[Diagnosis]:
    """Look at everything; a failing look is a diagnosis and never an exception."""
    looks: list[tuple[str, Callable[[], Iterator[Diagnosis]]]] = [
        ("python", _python),
        ("tools", _tools),
        ("disk", _disk),
        ("postgres", _postgres),
        ("engine", lambda: _engine(base_image)),
    ]
    for name, look in looks:
        try:
            yield from look()
        except TakehomeError as error:
            yield Diagnosis(name, "bad", error.what, error.next_step)
        except Exception as error:  # noqa: BLE001 - whatever is wrong here is what we are asked for
            yield Diagnosis(name, "bad", repr(error), "please report this")


def _python() -> Iterator[Diagnosis]:
    good = sys.version_info >= (3, 11)
    yield Diagnosis("python", "ok" if good else "bad", platform.python_version(), "" if good else "3.11 or newer")


def _tools() -> Iterator[Diagnosis]:
    for name, command in (
        ("uv", [uv.find_uv_bin(), "--version"]),
        ("mypy", [sys.executable, "-m", "mypy", "--version"]),
        ("ruff", [sys.executable, "-m", "ruff", "--version"]),
    ):
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        good = done.returncode == 0
        yield Diagnosis(
            name,
            "ok" if good else "bad",
            done.stdout.strip() or done.stderr.strip()[-200:],
            "" if good else "reinstall takehome",
        )
    git = shutil.which("git")
    yield Diagnosis(
        "git",
        "ok" if git else "warn",
        "found" if git else "not found",
        "" if git else "install git to grade repositories",
    )


def _disk() -> Iterator[Diagnosis]:
    for name, folder in (
        ("disk, cache", cache_folder(".")),
        ("disk, temporary", Path(tempfile.gettempdir())),
    ):
        free = shutil.disk_usage(folder).free / 1e9
        yield Diagnosis(
            name,
            "ok" if free > _ROOM_GB else "warn",
            f"{free:.1f} GB free",
            "" if free > _ROOM_GB else f"make room: {_ROOM_GB} GB are comfortable",
        )


def _postgres() -> Iterator[Diagnosis]:
    done = subprocess.run(
        [str(binaries() / "postgres"), "--version"], capture_output=True, text=True, timeout=30, check=False
    )
    good = done.returncode == 0
    yield Diagnosis(
        "postgres",
        "ok" if good else "bad",
        done.stdout.strip() or done.stderr.strip()[-200:],
        "" if good else "reinstall takehome; the process runtime needs it",
    )


def _engine(base_image: str | None) -> Iterator[Diagnosis]:
    from docker import DockerClient  # noqa: PLC0415 - no engine need be here

    from harness.runtime.docker.base_image import find_base  # noqa: PLC0415
    from harness.runtime.docker.engine import connect, describe  # noqa: PLC0415
    from harness.runtime.docker.sweep import abandoned_count  # noqa: PLC0415

    client: DockerClient = connect(timeout_s=20)
    version = describe(client)
    yield Diagnosis("engine", "ok", f"Docker {version['Version']}, API {version['ApiVersion']}")
    yield _runc(version)
    root = Path(str(client.info().get("DockerRootDir", "")))
    if root.is_dir():
        free = shutil.disk_usage(root).free / 1e9
        yield Diagnosis(
            "disk, engine",
            "ok" if free > _ROOM_GB else "warn",
            f"{free:.1f} GB free",
            "" if free > _ROOM_GB else "`takehome images prune`, `docker system prune`",
        )
    left = abandoned_count(client)
    yield Diagnosis(
        "left-overs", "warn" if left else "ok", f"{left} of killed runs", "`takehome clean`" if left else ""
    )
    try:
        yield Diagnosis("base image", "ok", find_base(client, base_image))
    except TakehomeError as error:
        yield Diagnosis("base image", "bad", error.what, error.next_step)


def _runc(version: dict[str, Any]) -> Diagnosis:
    component = next((c for c in version.get("Components") or [] if c.get("Name") == "runc"), None)
    text = str((component or {}).get("Version", ""))
    parts = re.split(r"[+~-]", text, maxsplit=1)[0].split(".")
    if not parts or not all(p.isdigit() for p in parts):
        return Diagnosis("runc", "warn", f"unknown version {text!r}", "make sure it is 1.1.12 or newer")
    if tuple(map(int, parts)) < _RUNC_FLOOR:
        return Diagnosis(
            "runc",
            "warn",
            f"{text} has known escapes unless your distribution patched it",
            "update the engine, or name a stronger runtime with --engine-runtime",
        )
    return Diagnosis("runc", "ok", text)
