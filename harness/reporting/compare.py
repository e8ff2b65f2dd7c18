"""The page and the table that set two to four grades side by side."""

from __future__ import annotations

from dataclasses import replace

from rich.console import Console
from rich.table import Table
from rich.text import Text

from harness.compare import Comparison
from harness.record import CheckResult
from harness.reporting import words
from harness.reporting.identity import redacted
from harness.reporting.page import render
from harness.reporting.text import one_line

_STYLE = {"pass": "green", "partial": "yellow", "fail": "red", "blocked": "magenta", "not_assessed": "cyan"}


def render_comparison(found: Comparison) -> str:
    """The page; the same comparison gives the same bytes.

    Raises:
        HarnessFault: this installation has no templates.
    """
    shown = replace(found, records=tuple(redacted(record) for record in found.records))
    return render("compare.html.j2", shown, styles=("report.css", "cohort.css"), script="cohort.js")


def print_comparison(found: Comparison, console: Console, *, everything: bool) -> None:
    """Scores, levels and the checks that ended otherwise; all checks with `everything`."""
    table = Table(show_edge=False, pad_edge=False)
    table.add_column("")
    for label in found.labels:
        table.add_column(Text(one_line(label, 40)))
    table.add_row("score", *(Text(_score(record.score.value)) for record in found.records))
    table.add_row(
        "bounds",
        *(Text(f"{words.number(r.score.low)} to {words.number(r.score.high)}") for r in found.records),
    )
    for skill, levels in found.levels:
        if everything or len(set(levels)) > 1:
            table.add_row(Text(skill), *(Text(level or "no level") for level in levels))
    for row in found.rows:
        if everything or row.differs:
            table.add_row(Text(one_line(row.id, 60)), *(_cell(cell) for cell in row.cells))
    console.print(table)
    if not any(row.differs for row in found.rows):
        console.print("Every check ended alike.", markup=False)
    for sentence in found.reasons:
        console.print(one_line(sentence), markup=False, highlight=False)
    if found.alike and len({record.score.value for record in found.records}) > 1:
        console.print("The bounds of the scores overlap: their order says nothing.", markup=False)


def _score(value: float | None) -> str:
    return "none" if value is None else words.number(value)


def _cell(cell: CheckResult | None) -> Text:
    if cell is None:
        return Text("not run", style="dim")
    said = words.OUTCOME[cell.outcome] + (f" ({words.percent(cell.fraction)})" if cell.outcome == "partial" else "")
    return Text(said, style=_STYLE.get(cell.outcome, "dim"))
