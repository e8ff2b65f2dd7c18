"""Findings: what was lost, each at a line of the code. For formats that comment on code. Pure."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, replace
from typing import Literal

from harness.exports.blame import GRADABLE, ours, their_problem
from harness.exports.places import Place, Places, places_of
from harness.exports.plain import block
from harness.exports.verdicts import story
from harness.record import CheckResult, GradeRecord
from harness.reporting.text import one_line
from harness.reporting.views import groups

Severity = Literal["error", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")
_MOST_PLACES = 50
_MOST_FINDINGS = 5000


@dataclass(frozen=True)
class Rule:
    """A check that was lost, as a rule that was broken."""

    id: str
    severity: Severity
    title: str
    why: str
    hint: str
    tags: tuple[str, ...]


@dataclass(frozen=True)
class Finding:
    """A broken rule at one place; `nth` counts the places of its rule from 0.

    The fingerprint stays when lines move: it is of the rule and of what the line says, not of its number.
    """

    rule: Rule
    place: Place
    message: str
    story: str
    nth: int
    fingerprint: str


def findings(record: GradeRecord, prefix: str = "") -> list[Finding]:
    """Every check that was lost, the worst first, at the lines that show it or else at the app's own file.

    Nothing of a record that can't be graded through our fault is a finding.
    """
    if ours(record):
        return []
    places = places_of(record, prefix)
    found: list[Finding] = []
    problem = their_problem(record)
    if problem is not None:
        rule = Rule(GRADABLE, "error", "The submission can't be graded", "", one_line(problem.next_step), ("start",))
        text = block(f"{problem.what}\n{problem.where}\n{problem.detail}")
        found.append(Finding(rule, places.home, one_line(problem.what), text, 0, ""))
    for item in groups(record).findings:
        found += _of_check(item.check, places)
    return _fingerprinted(found[:_MOST_FINDINGS])


def _of_check(check: CheckResult, places: Places) -> list[Finding]:
    rule = Rule(
        id=one_line(check.id, 120) or "check",
        severity=_severity(check),
        title=one_line(check.title) or one_line(check.id) or "check",
        why=one_line(check.why, 1000),
        hint=one_line(check.hint, 1000),
        tags=(check.skill, check.tier, check.level),
    )
    seen = [place for code in check.evidence.code[:_MOST_PLACES] if (place := places.of(code)) is not None]
    told = story(check)
    return [
        Finding(rule, place, _message(rule, place, check.summary), told, nth, "")
        for nth, place in enumerate(seen or [places.home])
    ]


def _message(rule: Rule, place: Place, summary: str) -> str:
    said = place.message or one_line(summary)
    if place.rule:
        said = f"{said} ({place.rule})"
    return f"{rule.title}: {said}" if said else rule.title


def _severity(check: CheckResult) -> Severity:
    rank = {"must": 0, "should": 1, "bonus": 2}[check.tier] + (check.outcome == "partial")
    return SEVERITIES[min(rank, 2)]


def _fingerprinted(found: list[Finding]) -> list[Finding]:
    seen: Counter[str] = Counter()
    marked = []
    for finding in found:
        parts = (finding.rule.id, finding.place.rule, finding.place.path, finding.place.text)
        digest = hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]
        seen[digest] += 1
        marked.append(replace(finding, fingerprint=f"{digest}:{seen[digest]}"))
    return marked
