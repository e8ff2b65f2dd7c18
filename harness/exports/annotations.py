"""Workflow commands that GitHub Actions shows as annotations.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

from collections.abc import Iterable

from harness.exports.blame import ours
from harness.exports.findings import SEVERITIES, Finding, Severity, findings
from harness.record import GradeRecord
from harness.reporting.text import clean, clip, one_line
from harness.reporting.words import count

# Of each kind, in each step, and of a title's characters: https://docs.github.com/en/rest/checks/runs
_MOST = 10
_MOST_MESSAGE = 2000
_MOST_TITLE = 255
_COMMAND: dict[Severity, str] = {"error": "error", "warning": "warning", "note": "notice"}


def github_annotations(record: GradeRecord, prefix: str = "") -> str:
    """One command a line: at most ten errors, ten warnings and ten notices, the worst first.

    Each check comes to word before any comes twice. Where there are more than ten of a kind, the tenth counts the rest.
    A record that can't be graded through our fault is one warning that says whose fault it is.
    """
    if ours(record):
        what = one_line(record.problem.what) if record.problem else "too little could be assessed"
        return _line("warning", f"{what}. Run it again; nothing is held against the submission.", title="Not graded")
    found = findings(record, prefix)
    return "".join(
        _of_kind(kind, [one for one in found.shown if one.rule.severity == kind], found.counts.get(kind, 0))
        for kind in SEVERITIES
    )


def _of_kind(kind: Severity, found: list[Finding], there_are: int) -> str:
    ordered = sorted(found, key=lambda one: one.nth)
    shown = ordered if there_are <= _MOST else ordered[: _MOST - 1]
    lines = [_annotation(kind, one) for one in shown]
    if rest := there_are - len(shown):
        lines.append(_line(_COMMAND[kind], f"{count(rest, 'more finding')} of this kind in the report"))
    return "".join(lines)


def _annotation(kind: Severity, finding: Finding) -> str:
    # The title is shown above it, and the story told at the first place of several alone.
    told = finding.place.message if finding.nth else f"{finding.place.message}\n{finding.story}".strip()
    return _line(
        _COMMAND[kind],
        clip(clean(told or finding.rule.title), _MOST_MESSAGE),
        file=finding.place.path,
        line=str(finding.place.line),
        title=one_line(finding.rule.title, _MOST_TITLE),
    )


def _line(command: str, message: str, **properties: str) -> str:
    told = ",".join(f"{name}={_escaped(value, ':,')}" for name, value in properties.items())
    return f"::{command}{' ' if told else ''}{told}::{_escaped(message)}\n"


def _escaped(text: str, more: Iterable[str] = ()) -> str:
    """As the runner takes it apart: %, line ends, and in a property the characters that end it."""
    for character in ("%", "\r", "\n", *more):
        text = text.replace(character, f"%{ord(character):02X}")
    return text
