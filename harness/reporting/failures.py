"""Failures on a terminal, told as a good compiler tells its errors: what, where, what was meant, and how to try it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from rich.cells import cell_len
from rich.console import Console

from harness.record import CheckResult, GradeRecord, Tier
from harness.reporting import message, views
from harness.reporting.paint import painted
from harness.reporting.rows import print_copied, print_row, room
from harness.reporting.text import clean, one_line

_KIND: dict[Tier, tuple[str, str]] = {
    "must": ("error", "bold red"),
    "should": ("warning", "bold yellow"),
    "bonus": ("note", "bold cyan"),
}
_MOST_LINES, _MOST_WIDTH, _MOST_PLACES, _MOST_SAID = 14, 500, 5, 4
_MOST_CODE = 200
_WIDTH = 88
_PATH = re.compile(r"://[^/\s']{1,100}(/[^\s'?]*)")
# A part of a path that has a digit and is no version of an API.
_ID = re.compile(r"/(?!v\d+(?:/|\Z))[^/\d]*\d")
_GIVEN_OUT = re.compile(r"[?&]cursor=|\bIf-(?:None-)?Match: ", re.IGNORECASE)


def print_failures(record: GradeRecord, console: Console) -> None:
    """Print every check that was lost, the worst last, where the eye is when the printing ends."""
    sources = lines_of(record)
    findings = views.groups(record).findings
    for item in reversed(findings):
        console.print()
        print_failure(item.check, sources, console)
        if item.blocked:
            print_row(console, "blocks", ", ".join(one_line(blocked.check.id, 80) for blocked in item.blocked))
    if findings:
        console.print()


def print_failure(check: CheckResult, sources: Mapping[str, list[str]], console: Console) -> None:
    """Print a check that was lost; `sources` has the lines of each file."""
    kind, style = _KIND[check.tier]
    title = (f": {one_line(check.title)}", "bold")
    console.print(painted(console, (f"{kind}[{one_line(check.id, 80)}]", style), title), soft_wrap=True)
    _print_places(check, sources, console)
    for name, text in told(check, room(console)):
        print_row(console, name, text)
    if check.evidence.reproduce:
        print_copied(console, "try", one_line(check.evidence.reproduce, 4000))
        if missing := to_fill_in(check.evidence.reproduce[:4000]):
            print_row(console, "", missing)


def lines_of(record: GradeRecord) -> dict[str, list[str]]:
    """The lines of each file that the record holds."""
    return {source.path: source.text.splitlines() for source in record.sources}


def told(check: CheckResult, width: int = _WIDTH) -> list[tuple[str, str]]:
    """What there is to say of a lost check, by name: what was sent, what came, what the brief says, and so on."""
    kept = check.evidence.transcript
    shown = next((exchange for exchange in kept if exchange.shows), None)
    if shown is None and kept and not check.evidence.code:
        shown = kept[-1]
    sent, came = message.told(shown, width=width, most=_MOST_LINES) if shown else ("", "")
    rows = (
        ("seen", check.summary),
        ("sent", sent),
        ("came", (came or "no answer") if shown else ""),
        ("brief", check.requirement),
        ("expected", check.expected),
        ("actual", check.actual),
        ("why", check.why),
        ("hint", check.hint),
    )
    return [(name, _cut(text)) for name, text in rows if text.strip()]


def to_fill_in(command: str) -> str:
    """What whoever runs a command has to put in of their own; empty when it runs as it is."""
    path = _PATH.search(command)
    missing = [
        ("$TOKEN" in command, "$TOKEN is a token of your own: log in first"),
        ((path and _ID.search(path[1])) or _GIVEN_OUT.search(command), "ids are the graded run's: put in your own"),
        ("[redacted]" in command, "[redacted] is a secret of the graded run: put in your own"),
    ]
    return "; ".join(text for found, text in missing if found)


def _print_places(check: CheckResult, sources: Mapping[str, list[str]], console: Console) -> None:
    """Each place once, with all that is said of it and the line itself."""
    places: dict[tuple[str, int], list[str]] = {}
    for place in check.evidence.code:
        rule = f" ({one_line(place.rule, 60)})" if place.rule.strip() else ""
        said = places.setdefault((place.path, place.line), [])
        if (text := f"  {one_line(place.message, 200)}{rule}") not in said:
            said.append(text)
    for (path, line), said in list(places.items())[:_MOST_PLACES]:
        where = f"  --> {one_line(path, 200)}:{line}"
        for number, text in enumerate(said[:_MOST_SAID]):
            head = " " * cell_len(where) if number else where
            console.print(painted(console, (head, "blue"), (text, "")), soft_wrap=True)
        lines = sources.get(path, [])
        if 1 <= line <= len(lines) and lines[line - 1].strip():
            code = lines[line - 1].expandtabs(4).rstrip()[:_MOST_CODE]
            console.print(painted(console, (f"{line:>5} | ", "blue"), (code, "")), soft_wrap=True)
    if len(places) > _MOST_PLACES:
        console.print(painted(console, (f"  … and {len(places) - _MOST_PLACES} more places", "dim")))


def _cut(text: str) -> str:
    lines = clean(text[:20_000]).strip().splitlines()
    shown = [line if len(line) <= _MOST_WIDTH else line[: _MOST_WIDTH - 1] + "…" for line in lines[:_MOST_LINES]]
    if len(lines) > len(shown):
        shown.append(f"… {len(lines) - len(shown)} more lines")
    return "\n".join(shown)
