"""Analyses of small submissions, as a runtime asks for them: in a process of its own, with a copy of a warm cache."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

CATALOGUE = Path(__file__).parent / "catalogue"
Analyse = Callable[[Path], dict[str, Any]]


def run_analysis(scratch: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    scratch.mkdir(parents=True, exist_ok=True)
    return subprocess.run(
        [sys.executable, "-I", "-m", "harness.analysis", "--python", sys.executable, *arguments],
        cwd=scratch,
        env={**os.environ, "TMPDIR": str(scratch)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="session")
def warm_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    scratch = tmp_path_factory.mktemp("warm")
    done = run_analysis(scratch / "tmp", "--warm", "--source", str(scratch), "--cache", str(scratch / "cache"))
    assert done.returncode == 0, done.stderr
    return scratch / "cache"


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    return tmp_path / "scratch"


@pytest.fixture
def analyse(scratch: Path, warm_cache: Path) -> Analyse:
    def run(source: Path) -> dict[str, Any]:
        # Copied without its times, as `cp -r` does.
        cache = scratch / "cache"
        shutil.copytree(warm_cache, cache, copy_function=shutil.copyfile, dirs_exist_ok=True)
        done = run_analysis(scratch, "--source", str(source), "--cache", str(cache))
        assert done.returncode == 0, done.stderr
        document: dict[str, Any] = json.loads(done.stdout)
        return document

    return run


@pytest.fixture
def submission(tmp_path: Path) -> Callable[[str], Path]:
    """A copy of one of the catalogue."""

    def copy(name: str) -> Path:
        return Path(shutil.copytree(CATALOGUE / name, tmp_path / name))

    return copy
