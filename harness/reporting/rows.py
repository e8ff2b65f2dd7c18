"""Rows: a label and what it says, wrapped under itself; no line ends in the blanks that fill a table."""

from __future__ import annotations

from rich.console import Console, RenderableType
from rich.text import Text

from harness.reporting.paint import painted

INSET, LABEL = 2, 10
_NARROWEST = 20


def room(console: Console, label: int = LABEL, inset: int = INSET) -> int:
    """How many cells there are beside the labels."""
    return max(console.width - inset - label, _NARROWEST)


def print_row(
    console: Console, name: str, text: str, *, label: int = LABEL, inset: int = INSET, style: str = ""
) -> None:
    """Print a row; lines after the first stand under the first."""
    for number, line in enumerate(painted(console, (text, style)).wrap(console, room(console, label, inset))):
        head = painted(console, (" " * inset + f"{'' if number else name:<{label}}", "dim"))
        _print_whole(console, Text.assemble(head, line))


def print_copied(console: Console, name: str, text: str, *, label: int = LABEL, inset: int = INSET) -> None:
    """Print a row whose text is a command: on one line, so that it can be copied."""
    _print_whole(console, painted(console, (" " * inset + f"{name:<{label}}", "dim"), (text, "")))


def print_trimmed(console: Console, table: RenderableType) -> None:
    """Print a table, its lines without the blanks at their ends."""
    for segments in console.render_lines(table, pad=False):
        _print_whole(console, Text.assemble(*((segment.text, segment.style or "") for segment in segments)))


def _print_whole(console: Console, line: Text) -> None:
    line.rstrip()
    console.print(line, soft_wrap=True)
