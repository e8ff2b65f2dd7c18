"""`takehome clean`: remove what killed runs left."""

from __future__ import annotations

from typing import Annotated

import typer

from harness.cli.console import out
from harness.errors import EnvironmentFault
from harness.sweep import sweep_processes


def clean_command(
    everything: Annotated[
        bool,
        typer.Option("--all", help="Also what belongs to runs that are still going, here or on other hosts."),
    ] = False,
) -> int:
    """Remove containers, volumes, networks, processes and folders that killed runs left behind."""
    removed = sweep_processes(everything=everything)
    try:
        from harness.runtime.docker.engine import connect  # noqa: PLC0415
        from harness.runtime.docker.sweep import sweep  # noqa: PLC0415

        removed += sweep(connect(timeout_s=60), everything=everything)
    except EnvironmentFault as error:
        out.print(f"engine not swept: {error.what}", markup=False)
    for line in removed:
        out.print(f"removed {line}", markup=False, highlight=False)
    out.print("nothing was left" if not removed else f"{len(removed)} removed", markup=False)
    return 0
