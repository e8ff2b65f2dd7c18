"""The command line as a user types it: a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.cli.commands import COMMANDS
from tests.forkserver import Warmth, can_fork, run_forked

# The consoles look at the environment when they are imported, so the command line itself is imported by each process.
CLI = Warmth(
    (*(f"harness.cli.{module}" for module, _ in COMMANDS.values()), "harness.cli.app"), ("harness.cli", "typer")
)


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
    from_nothing: bool = False,
) -> Done:
    """Run `takehome ARGUMENTS`, by way of another command if one is named.

    Most tests get a copy of a process that has the modules already; `from_nothing` starts the installed command.
    """
    given = list(map(str, arguments))
    environment = {**os.environ, "COLUMNS": "200", **(env or {})}
    if not from_nothing and can_fork(env or {}):
        done = run_forked(CLI, "harness.cli:main", given, cwd=cwd, env=environment, timeout_s=timeout_s, by=by)
    else:
        done = subprocess.run(
            [*by, str(Path(sys.executable).with_name("takehome")), *given],
            cwd=cwd,
            env=environment,
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    return Done(done.returncode, done.stdout, done.stderr)
