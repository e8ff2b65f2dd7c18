"""`takehome show`: a grade that was made before, from its record alone."""

from __future__ import annotations

import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from harness.cli import output
from harness.cli.console import err, out
from harness.reporting.terminal import print_summary
from harness.stored import read_record

OpenOption = Annotated[bool, typer.Option("--open", help="Open the report in a browser.")]


def show_command(
    result: Annotated[Path, typer.Argument(help="A result.json, or the folder that it is in.")],
    report: Annotated[
        Path | None, typer.Option("--report", help="Write the report there (HTML), as this version draws it.")
    ] = None,
    open_: OpenOption = False,
) -> int:
    """Print the summary of a stored grade and, if asked, draw its report again. Grades nothing."""
    record = read_record(result)
    target = report
    if open_ and target is None:
        target = (result if result.is_dir() else result.parent) / "report.html"
    if target is not None:
        output.prepare(target.parent)
        output.write_report(record, target)
    print_summary(record, out, report=target)
    if open_ and target is not None and not webbrowser.open(target.resolve().as_uri()):
        err.print("no browser could be opened", markup=False)
    return 0
