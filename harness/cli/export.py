"""`takehome export`: a stored grade in a format that CI services and graders' platforms read."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from harness.cli import output
from harness.edition import candidates_edition
from harness.errors import UsageError
from harness.exports import FORMATS
from harness.exports.places import is_inside, is_plain
from harness.stored import read_record


def export_command(
    result: Annotated[Path, typer.Argument(help="A result.json, or the folder that it is in.")],
    kind: Annotated[str, typer.Option("--format", "-f", help=", ".join(FORMATS) + ".")],
    out_file: Annotated[
        Path | None, typer.Option("--out", help="Write there instead of to standard output.", dir_okay=False)
    ] = None,
    visible_only: Annotated[
        bool, typer.Option("--visible-only", help="For the candidate's eyes: as if hidden checks had not been run.")
    ] = False,
    prefix: Annotated[
        str, typer.Option("--prefix", help="The submission's folder, from the root of its repository.")
    ] = "",
) -> int:
    """Print a stored grade in another format. Grades nothing."""
    if kind not in FORMATS:
        raise UsageError(f"no format {kind!r}", where="--format", next_step=f"one of {', '.join(FORMATS)}")
    inside = prefix.removeprefix("./").rstrip("/")
    if inside not in ("", ".") and not is_inside(inside):
        raise UsageError("the prefix is no path inside a repository", where=f"--prefix {prefix}")
    if not is_plain(inside):
        raise UsageError(
            "the prefix can't be shown as it is: it is too long, or has blanks side by side or what is invisible",
            where=f"--prefix {prefix}",
        )
    record = read_record(result)
    text = FORMATS[kind](candidates_edition(record) if visible_only else record, "" if inside == "." else inside)
    if out_file is None:
        # Bytes, since these formats are UTF-8 whatever the terminal's encoding is.
        typer.echo(text.encode(), nl=False)
    else:
        output.prepare(out_file.parent)
        output.replace(out_file, text)
    return 0
