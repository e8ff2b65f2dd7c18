"""Failures on a terminal, told as a good compiler tells its errors: what, where, what was meant, and how to try it."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from harness.record import CheckResult, GradeRecord, Tier
from harness.reporting import views
from harness.reporting.paint import painted
from harness.reporting.text import clean, one_line

_KIND: dict[Tier, tuple[str, str]] = {
    "must": ("error", "bold red"),
    "should": ("warning", "bold yellow"),
    "bonus": ("note", "bold cyan"),
}
_MOST_LINES, _MOST_WIDTH, _MOST_PLACES = 14, 500, 5


def print_failures(record: GradeRecord, console: Console) -> None:
    """Print every check that was lost, the worst last, where the eye is when the printing ends."""
    for item in reversed(views.groups(record).findings):
        check = item.check
        kind, style = _KIND[check.tier]
        console.print()
        title = (f": {one_line(check.title)}", "bold")
        console.print(painted(console, (f"{kind}[{one_line(check.id, 80)}]", style), title))
        for place in check.evidence.code[:_MOST_PLACES]:
            where = f"  --> {one_line(place.path, 200)}:{place.line}"
            console.print(painted(console, (where, "blue"), (f"  {one_line(place.message, 200)}", "")), soft_wrap=True)
        grid = Table.grid(padding=(0, 2, 0, 0))
        grid.add_column(no_wrap=True)
        grid.add_column(overflow="fold")
        for name, text in told(check):
            grid.add_row(painted(console, (f"  {name:<8}", "dim")), painted(console, (text, "")))
        console.print(grid)
        if check.evidence.reproduce:
            # Unwrapped, so that it can be copied.
            line = one_line(check.evidence.reproduce, 4000)
            console.print(painted(console, ("  try       ", "dim"), (line, "")), soft_wrap=True)
        if item.blocked:
            names = ", ".join(one_line(blocked.check.id, 80) for blocked in item.blocked)
            console.print(painted(console, ("  blocks    ", "dim"), (names, "")))


def told(check: CheckResult) -> list[tuple[str, str]]:
    """What there is to say of a lost check, by name: what was sent, what came, what the brief says, and so on."""
    kept = check.evidence.transcript
    last = next((exchange for exchange in kept if exchange.shows), kept[-1] if kept else None)
    rows = (
        ("seen", check.summary),
        ("sent", last.request if last else ""),
        ("came", (last.response or "no answer") if last else ""),
        ("brief", check.requirement),
        ("expected", check.expected),
        ("actual", check.actual),
        ("why", check.why),
        ("hint", check.hint),
    )
    return [(name, _cut(text)) for name, text in rows if text.strip()]


def _cut(text: str) -> str:
    lines = clean(text[:20_000]).strip().splitlines()
    shown = [line if len(line) <= _MOST_WIDTH else line[: _MOST_WIDTH - 1] + "…" for line in lines[:_MOST_LINES]]
    if len(lines) > len(shown):
        shown.append(f"… {len(lines) - len(shown)} more lines")
    return "\n".join(shown)
