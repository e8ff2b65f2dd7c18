"""Views: from a record to what a reader wants to see first. Pure; nothing here knows how it will be drawn."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from harness.record import CheckResult, Exchange, GradeRecord, Level, Question, Skill, Tier
from harness.reporting.words import CAUSE

LEVELS: tuple[Level, ...] = ("junior", "mid", "senior")
_TIER_RANK: dict[Tier, int] = {"must": 0, "should": 1, "bonus": 2}
_FIRST, _LAST = 2, 1
_BEFORE, _AFTER = 6, 1  # around the exchange that shows why a check was lost
# In characters, of each request and answer.
_MOST_TELLING, _MOST = 3000, 1000

_DULL_SENT = re.compile(
    r"(?m)^(?:Host: 127\.0\.0\.1:\d+|Accept: \*/\*|Connection: keep-alive|User-Agent: python-httpx/\S*"
    r"|Accept-Encoding: identity|Content-Length: \d+)(?:\n|\Z)"
)
_DULL_ANSWERED = re.compile(r"(?im)^(?:date: .*GMT|server: uvicorn|content-length: \d+)(?:\n|\Z)")


@dataclass(frozen=True)
class Item:
    """A check and where it stands on the page. `blocked` are the checks that could not be tried because of it."""

    check: CheckResult
    anchor: str
    blocked: tuple[Item, ...] = ()

    @property
    def lost(self) -> float:
        """Points that this check itself lost."""
        return self.check.max_points - self.check.points

    @property
    def behind(self) -> float:
        """Points that wait behind it, in the checks that it blocks."""
        return sum(item.lost for item in self.blocked)


@dataclass(frozen=True)
class Cause:
    """What blocks checks without being a failed check of this record: the app that never started, say."""

    id: str
    title: str
    blocked: tuple[Item, ...]


@dataclass(frozen=True)
class Groups:
    """Every check of a record, once: `findings` and `causes` carry the blocked ones."""

    findings: tuple[Item, ...]
    causes: tuple[Cause, ...]
    unassessed: tuple[Item, ...]
    passed: tuple[Item, ...]
    inapplicable: tuple[Item, ...]


@dataclass(frozen=True)
class Cell:
    """One level of one skill: how many of its assessed checks passed. `judged` 0: not tested at this level."""

    level: Level
    passed: int
    judged: int
    points: float = 0.0

    @property
    def state(self) -> Literal["untested", "held", "partly", "missed"]:
        if not self.judged:
            return "untested"
        return "held" if self.passed == self.judged else "partly" if self.points else "missed"


@dataclass(frozen=True)
class SkillRow:
    """`level` is None when no level holds, `judged` 0 when nothing of the skill could be assessed."""

    skill: Skill
    level: Level | None
    points: float
    max_points: float
    judged: int
    unassessed: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Ask:
    """A question for the interview, and the check that suggests it."""

    question: Question
    item: Item


@dataclass(frozen=True)
class Interview:
    """`probe` asks about what failed, `deepen` about what a senior gets right."""

    probe: tuple[Ask, ...] = ()
    deepen: tuple[Ask, ...] = ()


@dataclass(frozen=True)
class Transcript:
    """Exchanges with their numbers from 1, and how many are left out.

    `most` characters are drawn of each text, and `telling` of those of the exchange that shows it.
    """

    exchanges: tuple[tuple[int, Exchange], ...]
    left_out: int
    most: int
    telling: int


@dataclass
class _Tree:
    blocked: dict[int, list[Item]] = field(default_factory=dict)
    causes: dict[str, list[Item]] = field(default_factory=dict)


def items(record: GradeRecord) -> list[Item]:
    """The checks in the order of the record, each with an anchor that no other has."""
    seen: dict[str, int] = {}
    found = []
    for check in record.checks:
        slug = re.sub(r"[^a-z0-9]+", "-", check.id.lower()).strip("-")[:60] or "check"
        seen[slug] = seen.get(slug, 0) + 1
        found.append(Item(check, f"check-{slug}" if seen[slug] == 1 else f"check-{slug}--{seen[slug]}"))
    return found


def groups(record: GradeRecord) -> Groups:
    """Each check under the heading that its outcome deserves; the blocked ones under what blocks them."""
    everything = items(record)
    tree = _attach(everything)
    with_blocked = [Item(i.check, i.anchor, tuple(tree.blocked.get(n, ()))) for n, i in enumerate(everything)]

    def having(*outcomes: str) -> list[Item]:
        return [i for i in with_blocked if i.check.outcome in outcomes]

    return Groups(
        findings=tuple(sorted(having("fail", "partial"), key=_badness)),
        causes=tuple(Cause(c, CAUSE.get(c, c), tuple(found)) for c, found in tree.causes.items()),
        unassessed=tuple(having("not_assessed")),
        passed=tuple(having("pass")),
        inapplicable=tuple(having("not_applicable")),
    )


def worst_findings(found: Groups, limit: int = 3) -> tuple[Item, ...]:
    """The failures that cost most, with what waits behind them; then by tier, then the most basic first."""
    return found.findings[:limit]


def strengths(found: Groups, limit: int = 3) -> tuple[Item, ...]:
    """What passed and says most: senior before junior, a new skill before one already named, then weight."""
    ranked = sorted(
        found.passed, key=lambda i: (-LEVELS.index(i.check.level), -i.check.max_points, _TIER_RANK[i.check.tier])
    )
    first: list[Item] = []
    for item in ranked:
        if item.check.skill not in {i.check.skill for i in first}:
            first.append(item)
    rest = [item for item in ranked if item not in first]
    return tuple([*first, *rest][:limit])


def missed_musts(record: GradeRecord) -> tuple[Item, ...]:
    """The must-haves that are not met, or only in part; blocked ones count, unassessed ones don't."""
    return tuple(
        i for i in items(record) if i.check.tier == "must" and i.check.outcome in ("fail", "partial", "blocked")
    )


def interview(found: Groups) -> Interview:
    """Questions that the failures suggest, worst first; then those of passed checks of senior level."""
    seen: set[str] = set()

    def asks(source: Iterable[Item]) -> tuple[Ask, ...]:
        chosen = []
        for item in source:
            question = item.check.question
            if question is not None and question.ask not in seen:
                seen.add(question.ask)
                chosen.append(Ask(question, item))
        return tuple(chosen)

    probe = asks(found.findings)
    return Interview(probe=probe, deepen=asks(i for i in found.passed if i.check.level == "senior"))


def brief(exchange: Exchange) -> Exchange:
    """The exchange without the headers that are in every one and say nothing: the client's own, the server's clock."""
    return exchange.model_copy(
        update={
            "request": _DULL_SENT.sub("", exchange.request),
            "response": _DULL_ANSWERED.sub("", exchange.response),
        }
    )


def transcript(check: CheckResult) -> Transcript:
    """What a page shows of the exchanges: all that may explain a loss, and of a pass enough to see how it was asked."""
    numbered = [(number, brief(exchange)) for number, exchange in enumerate(check.evidence.transcript, 1)]
    if check.outcome != "pass":
        marked = next((at for at, (_, exchange) in enumerate(numbered) if exchange.shows), None)
        at = len(numbered) - 1 if marked is None else marked
        around = numbered[max(0, at - _BEFORE) : at + 1 + _AFTER]
        # Where none is marked, any of them may be the one that shows it.
        most = _MOST_TELLING if marked is None else _MOST
        return Transcript(tuple(around), len(numbered) - len(around), most, _MOST_TELLING)
    if len(numbered) <= _FIRST + _LAST:
        return Transcript(tuple(numbered), 0, _MOST, _MOST)
    shown = (*numbered[:_FIRST], *numbered[-_LAST:])
    return Transcript(shown, len(numbered) - len(shown), _MOST, _MOST)


def skill_rows(record: GradeRecord) -> tuple[SkillRow, ...]:
    """One row a skill, the weightiest first; skills of which nothing could be assessed come last."""
    checks: dict[Skill, list[CheckResult]] = {}
    for check in record.checks:
        if check.outcome != "not_applicable":
            checks.setdefault(check.skill, []).append(check)
    rows = []
    for result in sorted(record.skills, key=lambda s: (-s.max_points, s.skill)):
        group = checks.pop(result.skill, [])
        judged = [c for c in group if c.outcome != "not_assessed"]
        rows.append(
            SkillRow(
                result.skill,
                result.level,
                result.points,
                result.max_points,
                len(judged),
                len(group) - len(judged),
                _cells(judged),
            )
        )
    rows += [SkillRow(skill, None, 0.0, 0.0, 0, len(group), _cells(())) for skill, group in sorted(checks.items())]
    return tuple(rows)


def _cells(judged: Sequence[CheckResult]) -> tuple[Cell, ...]:
    return tuple(
        Cell(
            level,
            sum(c.level == level and c.outcome == "pass" for c in judged),
            sum(c.level == level for c in judged),
            sum(c.points for c in judged if c.level == level),
        )
        for level in LEVELS
    )


def _badness(item: Item) -> tuple[float, int, int]:
    check = item.check
    return -round(item.lost + item.behind, 4), _TIER_RANK[check.tier], LEVELS.index(check.level)


def _attach(everything: Sequence[Item]) -> _Tree:
    """Each blocked check under its root: the first thing up the chain that is not itself blocked."""
    tree = _Tree()
    place = {item.check.id: n for n, item in reversed(list(enumerate(everything)))}
    for item in everything:
        if item.check.outcome == "blocked":
            root = _root(item.check, everything, place)
            if isinstance(root, int):
                tree.blocked.setdefault(root, []).append(item)
            else:
                tree.causes.setdefault(root, []).append(item)
    return tree


def _root(check: CheckResult, everything: Sequence[Item], place: dict[str, int]) -> int | str:
    """The number of the failed check that blocks this one in the end, or the name of what is no such check."""
    seen = {check.id}
    queue = list(check.blocked_by)
    strangers = []
    while queue:
        name = queue.pop(0)
        number = place.get(name)
        if number is None:
            strangers.append(name)
            continue
        found = everything[number].check
        if found.outcome in ("fail", "partial"):
            return number
        if found.outcome == "blocked" and name not in seen:
            seen.add(name)
            queue += found.blocked_by
    return next(iter([*strangers, *check.blocked_by]), "an earlier failure")
