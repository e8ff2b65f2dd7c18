"""Findings: what was lost, each at a line of the code. For formats that comment on code. Pure."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from harness.exports.blame import ours, their_problem, whole_id
from harness.exports.places import Place, Places, is_inside, is_plain, places_of
from harness.exports.plain import block
from harness.exports.verdicts import story
from harness.record import CheckResult, CodeRef, GradeRecord
from harness.reporting.text import one_line
from harness.reporting.views import groups

Severity = Literal["error", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")
_MOST_PLACES = 50
_MOST_FINDINGS = 5000


@dataclass(frozen=True)
class Rule:
    """A check that was lost, as a rule that was broken. `whole`: it is no check, and stands for the submission."""

    id: str
    severity: Severity
    title: str
    why: str
    hint: str
    tags: tuple[str, ...]
    whole: bool = False


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


@dataclass(frozen=True)
class Findings:
    """At most 5,000 findings, and how many there are of each severity, those included that are not shown."""

    shown: tuple[Finding, ...]
    counts: Mapping[Severity, int]

    @property
    def left_out(self) -> int:
        """How many are not shown."""
        return sum(self.counts.values()) - len(self.shown)


def findings(record: GradeRecord, prefix: str = "") -> Findings:
    """Every check that was lost, the worst first, at the lines that show it or else at the app's own file.

    Nothing of a record that can't be graded through our fault is a finding.
    """
    if ours(record):
        return Findings((), {})
    places = places_of(record, prefix)
    found: list[Finding] = []
    counts: Counter[Severity] = Counter()
    problem = their_problem(record)
    if problem is not None:
        title, hint = "The submission can't be graded", one_line(problem.next_step)
        rule = Rule(whole_id(record), "error", title, "", hint, ("start",), whole=True)
        text = block(f"{problem.what}\n{problem.where}\n{problem.detail}")
        found.append(Finding(rule, places.home, one_line(problem.what), text, 0, ""))
        counts[rule.severity] += 1
    for item in groups(record).findings:
        seen = _seen(item.check)
        found += _of_check(item.check, seen, places)
        counts[severity(item.check)] += max(1, len(seen))
    return Findings(tuple(_fingerprinted(_fairly(found))), counts)


def severity(check: CheckResult) -> Severity:
    """How bad it is that a check was lost: by its tier, and one rank lower where it was met in part."""
    rank = {"must": 0, "should": 1, "bonus": 2}[check.tier] + (check.outcome == "partial")
    return SEVERITIES[min(rank, 2)]


def _seen(check: CheckResult) -> list[CodeRef]:
    """The places that can be shown."""
    paths = {path for path in {code.path for code in check.evidence.code} if is_inside(path) and is_plain(path)}
    return [code for code in check.evidence.code if code.path in paths]


def _of_check(check: CheckResult, seen: Sequence[CodeRef], places: Places) -> list[Finding]:
    rule = Rule(
        id=one_line(check.id, 120) or "check",
        severity=severity(check),
        title=one_line(check.title) or one_line(check.id) or "check",
        why=one_line(check.why, 1000),
        hint=one_line(check.hint, 1000),
        tags=(check.skill, check.tier, check.level),
    )
    told = story(check)
    return [
        Finding(rule, place, _message(rule, place, check.summary), told, nth, "")
        for nth, place in enumerate([places.of(code) for code in seen[:_MOST_PLACES]] or [places.home])
    ]


def _message(rule: Rule, place: Place, summary: str) -> str:
    said = place.message or one_line(summary)
    if place.rule:
        said = f"{said} ({place.rule})"
    return f"{rule.title}: {said}" if said else rule.title


def _fairly(found: Sequence[Finding]) -> list[Finding]:
    """As many as are told, in their order: each check's first place before any check's second."""
    kept = sorted(range(len(found)), key=lambda at: found[at].nth)[:_MOST_FINDINGS]
    return [found[at] for at in sorted(kept)]


def _fingerprinted(found: list[Finding]) -> list[Finding]:
    seen: Counter[str] = Counter()
    marked = []
    for finding in found:
        parts = (finding.rule.id, finding.place.rule, finding.place.path, finding.place.text)
        digest = hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]
        seen[digest] += 1
        marked.append(replace(finding, fingerprint=f"{digest}:{seen[digest]}"))
    return marked
