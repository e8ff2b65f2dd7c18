"""How the hostile submissions of the catalogue are made."""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path

CATALOGUE = Path(__file__).with_name("catalogue")
# Modules that attacks import, which are no attacks themselves.
HELPERS = ("handshake", "raw_server", "tracing")


def copy_honest(folder: Path) -> Path:
    """A copy of the submission that does what is asked."""
    shutil.copytree(CATALOGUE / "honest", folder)
    return folder


def add_code(name: str) -> Callable[[Path], Path]:
    """The honest submission with an attack of the catalogue in it, which begins when the app is imported."""

    def make(folder: Path) -> Path:
        copy_honest(folder)
        for helper in HELPERS:
            shutil.copy(CATALOGUE / "attacks" / f"{helper}.py", folder / "app")
        shutil.copy(CATALOGUE / "attacks" / f"{name}.py", folder / "app" / "extra.py")
        return folder

    return make


def add_files(extra: dict[str, str]) -> Callable[[Path], Path]:
    """The honest submission with more files in it, by path; they replace those of the same path."""

    def make(folder: Path) -> Path:
        copy_honest(folder)
        for name, text in extra.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return folder

    return make


def require(*lines: str) -> Callable[[Path], Path]:
    """The honest submission with a requirements.txt that has more lines, from line 6 on."""
    return add_files(
        {"requirements.txt": "\n".join(["fastapi", "uvicorn", "asyncpg", "httpx", "websockets", *lines]) + "\n"}
    )


def add_noise(folder: Path) -> Path:
    """As much as a submission may have, in bytes that can't be compressed."""
    copy_honest(folder)
    for number in range(5):
        (folder / f"bulk-{number}.bin").write_bytes(os.urandom(9 * 1024**2))
    return folder


def write_archive(content: Callable[[], bytes], suffix: str) -> Callable[[Path], Path]:
    """An archive with this content."""

    def make(folder: Path) -> Path:
        path = folder.with_suffix(suffix)
        path.write_bytes(content())
        return path

    return make


def write_bomb(folder: Path) -> Path:
    """A tar of 2 GiB of zeros, a few MB in size."""
    zeros = folder.parent / "zeros"
    with zeros.open("wb") as target:
        target.truncate(2 * 1024**3)
    path = folder.with_suffix(".tar.gz")
    with tarfile.open(path, "w:gz", compresslevel=1) as tar:
        tar.add(zeros, "app/zeros.py")
    zeros.unlink()
    return path


def proof_of(folder: Path) -> Path:
    """The file on the host that an attack by git makes if it succeeds."""
    return folder.parent / f"{folder.name}-proof"


def make_repository(folder: Path) -> Path:
    """A git repository whose hooks, filters and monitor make the file `proof_of(folder)` when they are run."""
    copy_honest(folder)
    run = f"touch {proof_of(folder)}"
    (folder / ".gitattributes").write_text("*.py filter=evil\n")
    git = ["git", "-c", "user.name=x", "-c", "user.email=x@example.org", "-C", str(folder)]
    subprocess.run([*git, "init", "-q", "-b", "main"], check=True)
    subprocess.run([*git, "add", "."], check=True)
    subprocess.run([*git, "commit", "-q", "-m", "x"], check=True)
    for key in ("core.fsmonitor", "filter.evil.smudge", "filter.evil.process", "core.sshCommand", "core.pager"):
        subprocess.run([*git, "config", key, run], check=True)
    for hook in ("post-checkout", "reference-transaction", "post-index-change", "pre-commit"):
        path = folder / ".git" / "hooks" / hook
        path.write_text(f"#!/bin/sh\n{run}\n")
        path.chmod(0o755)
    return folder


def write_url(pattern: str) -> Callable[[Path], str]:
    """A URL with the path of the proof in the place of `{proof}`."""
    return lambda folder: pattern.format(proof=proof_of(folder))
