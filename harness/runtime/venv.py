"""The process runtime's environments: one virtual environment per resolved set of requirements, in our cache."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import uv

from harness.errors import EnvironmentFault
from harness.events import Listener, Note
from harness.runtime.base import Environment
from harness.runtime.cache import cache_folder
from harness.runtime.install import (
    blame,
    compile_arguments,
    content_key,
    install_arguments,
    packages,
    require_server,
)
from harness.runtime.lock import host_lock

_BUILD_S = 300.0
_WARM_S = 180.0
# Written last: an environment without it was not finished.
_COMPLETE = "environment.json"


def warm_cache(handle: Path) -> Path:
    """The warm mypy cache of an environment; to be copied, never written."""
    return handle / "mypy"


def _is_whole(handle: Path) -> bool:
    return (handle / _COMPLETE).is_file()


class VenvBuilder:
    """Builds environments with uv; `index_url` and `ca_bundle` as the user named them."""

    def __init__(self, *, index_url: str | None = None, ca_bundle: Path | None = None) -> None:
        self._index_url, self._ca_bundle = index_url, ca_bundle

    def build(self, requirements: tuple[str, ...], listener: Listener) -> Environment:
        """Build or reuse.

        Raises:
            SubmissionError: the requirements don't resolve, or lack uvicorn.
            EnvironmentFault: network, disk or time.
        """
        root = cache_folder("environments")
        python = sys.executable
        inputs = content_key([python, sys.version, self._index_url or "", *requirements])
        known = root / f"inputs-{inputs}"
        if known.is_file() and _is_whole(handle := root / known.read_text().strip()):
            return self._environment(handle, reused=True)
        with host_lock("environments"):
            return self._build(root, known, requirements, listener)

    def _build(self, root: Path, known: Path, requirements: tuple[str, ...], listener: Listener) -> Environment:
        python = sys.executable
        with tempfile.TemporaryDirectory(prefix="build-", dir=root) as name:
            scratch = Path(name)
            (scratch / "requirements.in").write_text("\n".join(requirements) + "\n")
            resolved = self._uv(compile_arguments("requirements.in", python, self._index_url), scratch, requirements)
            found = packages(resolved)
            require_server(found, ", ".join(requirements))
            key = content_key([python, sys.version, resolved])
            handle = root / key
            if not _is_whole(handle):
                shutil.rmtree(handle, ignore_errors=True)  # what a killed build left
                listener(Note(f"installing {len(found)} packages"))
                self._install(scratch, key, resolved, requirements)
        known.write_text(key)
        return self._environment(handle, reused=False)

    def _install(self, scratch: Path, key: str, resolved: str, requirements: tuple[str, ...]) -> None:
        # Built where it stays: scripts and caches of a virtual environment hold its path.
        handle = scratch.parent / key
        handle.mkdir()
        try:
            (handle / "resolved.txt").write_text(resolved)
            self._uv(["venv", "--quiet", "--python", sys.executable, "venv"], handle, requirements)
            self._uv(install_arguments("resolved.txt", "venv/bin/python", self._index_url), handle, requirements)
            self._warm(handle)
            (handle / _COMPLETE).write_text(json.dumps(packages(resolved)))
        except BaseException:
            shutil.rmtree(handle, ignore_errors=True)
            raise

    def _warm(self, handle: Path) -> None:
        cache = warm_cache(handle)
        cache.mkdir()
        lib = str(Path(__file__).resolve().parents[2])
        # A cold cache only costs time, so a failure to warm it is no failure of the grade.
        subprocess.run(
            [
                sys.executable,
                "-P",
                "-m",
                "harness.analysis",
                "--warm",
                "--source",
                str(handle),
                "--python",
                str(handle / "venv" / "bin" / "python"),
                "--cache",
                str(cache),
            ],
            env={"PATH": "/usr/bin:/bin", "PYTHONPATH": lib, "LC_ALL": "C.UTF-8", "HOME": str(handle)},
            cwd=handle,
            capture_output=True,
            timeout=_WARM_S,
            check=False,
        )

    def _uv(self, arguments: list[str], cwd: Path, requirements: tuple[str, ...]) -> str:
        env = dict(os.environ)
        if self._ca_bundle is not None:
            env["SSL_CERT_FILE"] = str(self._ca_bundle)
        try:
            done = subprocess.run(
                [uv.find_uv_bin(), *arguments],
                cwd=cwd,
                env=env,
                capture_output=True,
                text=True,
                timeout=_BUILD_S,
                check=False,
                stdin=subprocess.DEVNULL,
            )
        except subprocess.TimeoutExpired as error:
            raise EnvironmentFault(
                "installing the dependencies took too long", where=f"{_BUILD_S:.0f} s", next_step="run again"
            ) from error
        if done.returncode:
            raise blame(done.stderr or done.stdout, requirements)
        return done.stdout

    def _environment(self, handle: Path, *, reused: bool) -> Environment:
        found = packages((handle / "resolved.txt").read_text())
        version = ".".join(map(str, sys.version_info[:3]))
        return Environment(key=handle.name, handle=str(handle), packages=found, python=version, reused=reused)
