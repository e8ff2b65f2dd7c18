"""The command line as a user types it: a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Done:
    code: int
    out: str
    err: str

    @property
    def text(self) -> str:
        """Both streams with their line breaks folded, as rich wraps lines where the console ends."""
        return " ".join((self.out + " " + self.err).split())


def takehome(
    *arguments: str | Path,
    cwd: Path | None = None,
    env: dict[str, str] | None = None,
    timeout_s: float = 600,
    by: Sequence[str] = (),
) -> Done:
    """Run `takehome ARGUMENTS`, by way of another command if one is named."""
    done = subprocess.run(
        [*by, sys.executable, "-c", "from harness.cli import main; main()", *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, "COLUMNS": "200", **(env or {})},
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    return Done(done.returncode, done.stdout, done.stderr)
