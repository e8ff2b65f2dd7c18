"""Cohort: many grades beside each other, as one small document. Pure.

It compares submissions of one challenge; it ranks nobody: the order is that of the ids.
"""

from __future__ import annotations

import csv
import io
import re
import statistics
from collections.abc import Sequence
from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from harness.health import CheckHealth, health
from harness.record import Band, CheckResult, EvidenceItems, GradeRecord, Level, Outcome, Problem, Skill, Tier

COHORT_VERSION = "1.0"
# What a spreadsheet would take for a formula (OWASP, "CSV Injection").
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_FACTS = ("id", "name", "challenge", "version", "gradable", "score", "low", "high", "assessed", "band", "problem")
_DIGITS = re.compile(r"(\d+)")


def _encodable(text: str) -> str:
    """A name of a file may be no text: its bytes are written out."""
    return text.encode("utf-8", "backslashreplace").decode()


Named: TypeAlias = Annotated[str, BeforeValidator(_encodable)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Entry(_Model):
    """One submission: its record, or why there is none. `earlier` are grades that the record took the place of.

    `name` is what it was called, where that is more than an id may say.
    """

    id: Named
    name: Named = ""
    record: GradeRecord | None = None
    earlier: list[GradeRecord] = []
    problem: Problem | None = None


def entry_of(id_: str, record: GradeRecord, earlier: Sequence[GradeRecord], *, name: str = "") -> Entry:
    """A graded one, without evidence and listing: hundreds of whole records would fill the memory."""
    return Entry(id=id_, name=name, record=_outline(record), earlier=[_outline(one) for one in earlier])


def _outline(record: GradeRecord) -> GradeRecord:
    checks = [check.model_copy(update={"evidence": EvidenceItems()}) for check in record.checks]
    return record.model_copy(update={"checks": checks, "sources": [], "signals": []})


class Judged(_Model):
    """How one check ended for one submission."""

    outcome: Outcome
    fraction: float
    points: float


class Member(_Model):
    """One submission of the cohort. `alike` are the ids of those that its score can't be told from."""

    id: str
    name: str = ""
    digest: str = ""
    gradable: bool = False
    value: float | None = None
    low: float = 0.0
    high: float = 100.0
    assessed: float = 0.0
    band: Band | None = None
    levels: dict[Skill, Level | None] = {}
    checks: dict[str, Judged] = {}
    alike: list[str] = []
    problem: str = ""
    harness: str = ""
    image: str = ""
    rubric: str = ""
    version: str = ""
    content: str = ""


class Column(_Model):
    """A check as a column: what it asks and what it is worth."""

    id: str
    title: str
    skill: Skill
    tier: Tier
    level: Level
    points: float


class Track(_Model):
    """The submissions of one challenge.

    `margin` is the difference in points that says nothing by itself: the median weight of a check that is no must-have.
    """

    challenge: str
    title: str
    columns: list[Column]
    members: list[Member]
    health: list[CheckHealth]
    margin: float
    warnings: list[str]


class Cohort(_Model):
    """All submissions, by challenge; `unread` are those of which there is no record at all."""

    schema_version: Literal["1.0"] = "1.0"
    tracks: list[Track]
    unread: list[Member]
    twice: Annotated[list[list[str]], Field(description="ids whose submissions are the same, byte for byte")] = []


def cohort_of(entries: Sequence[Entry]) -> Cohort:
    """The document of these submissions, each challenge a track of its own, ids in natural order."""
    ordered = sorted(entries, key=lambda entry: natural(entry.id))
    by_challenge: dict[str, list[Entry]] = {}
    before = [record for entry in ordered for record in entry.earlier]
    for entry in ordered:
        if entry.record is not None:
            by_challenge.setdefault(entry.record.challenge.id, []).append(entry)
    same: dict[str, list[str]] = {}
    for entry in ordered:
        if entry.record is not None and entry.record.submission.digest:
            same.setdefault(entry.record.submission.digest, []).append(entry.id)
    return Cohort(
        tracks=[
            _track(name, graded, [record for record in before if record.challenge.id == name])
            for name, graded in sorted(by_challenge.items())
        ],
        unread=[
            Member(id=entry.id, name=entry.name, problem=entry.problem.what if entry.problem else "not graded")
            for entry in ordered
            if entry.record is None
        ],
        twice=[ids for ids in same.values() if len(ids) > 1],
    )


def natural(text: str) -> tuple[tuple[int, int | str], ...]:
    """A key that puts `c2` before `c10`."""
    return tuple((0, int(part)) if part.isdecimal() else (1, part.lower()) for part in _DIGITS.split(text) if part)


def to_csv(cohort: Cohort) -> str:
    """One row a submission, one column a check; nothing in it is a formula to a spreadsheet."""
    columns = list(dict.fromkeys(column.id for track in cohort.tracks for column in track.columns))
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([*_FACTS, *(_cell(column) for column in columns)])
    rows = [(track.challenge, member) for track in cohort.tracks for member in track.members]
    only = cohort.tracks[0].challenge if len(cohort.tracks) == 1 else ""
    for challenge, member in [*rows, *((only, member) for member in cohort.unread)]:
        outcomes = [member.checks[name].outcome if name in member.checks else "" for name in columns]
        value = "" if member.value is None else f"{member.value:g}"
        bounds = [f"{member.low:g}", f"{member.high:g}", f"{member.assessed:g}"] if member.checks else ["", "", ""]
        said = [member.id, member.name, challenge, member.version, str(member.gradable).lower(), value, *bounds]
        writer.writerow([_cell(cell) for cell in [*said, member.band or "", member.problem, *outcomes]])
    return text.getvalue()


def _cell(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text


def _track(name: str, graded: Sequence[Entry], earlier: Sequence[GradeRecord]) -> Track:
    records = [entry.record for entry in graded if entry.record is not None]
    columns = _columns(records)
    lighter = [column.points for column in columns if column.tier != "must"]
    margin = statistics.median(lighter) if lighter else 0.0
    members = [_member(entry, entry.record) for entry in graded if entry.record is not None]
    return Track(
        challenge=name,
        title=next((record.challenge.title for record in records if record.challenge.title), name),
        columns=columns,
        members=[member.model_copy(update={"alike": alike(member, members, margin)}) for member in members],
        health=health(records, earlier),
        margin=round(margin, 2),
        warnings=_warnings(members),
    )


def _columns(records: Sequence[GradeRecord]) -> list[Column]:
    found: dict[str, Column] = {}
    for check in (check for record in records for check in record.checks):
        if check.id not in found or check.outcome == "pass":
            found[check.id] = Column(
                id=check.id, title=check.title, skill=check.skill, tier=check.tier, level=check.level,
                points=check.max_points,
            )  # fmt: skip
    return list(found.values())


def _member(entry: Entry, record: GradeRecord) -> Member:
    score, version = record.score, record.challenge.version
    return Member(
        id=entry.id,
        name=entry.name,
        digest=record.submission.digest,
        gradable=record.gradable,
        value=score.value,
        low=score.low,
        high=score.high,
        assessed=score.assessed,
        band=record.band,
        levels={skill.skill: skill.level for skill in record.skills},
        checks={c.id: Judged(outcome=c.outcome, fraction=c.fraction, points=c.points) for c in record.checks},
        problem=record.problem.what if record.problem else "",
        harness=record.environment.harness,
        image=f"{record.environment.base_image} {record.environment.python}".strip(),
        rubric=_rubric(record.checks),
        version=version,
        content=f"{version} {record.challenge.digest[:19]}" if record.challenge.digest else "",
    )


def _rubric(checks: Sequence[CheckResult]) -> str:
    return ",".join(f"{check.id}:{check.tier}:{check.max_points:g}" for check in checks)


def alike(member: Member, members: Sequence[Member], margin: float) -> list[str]:
    """The others whose interval, each widened by half the margin, overlaps this one's: their order says nothing."""
    if member.value is None:
        return []
    return [
        other.id
        for other in members
        if other is not member
        and other.value is not None
        and member.low - margin < other.high
        and other.low - margin < member.high
    ]


def _warnings(members: Sequence[Member]) -> list[str]:
    """Why these grades may not be comparable, each a sentence."""
    told = {
        "versions of the challenge": {member.version for member in members},
        "contents of the challenge, of one version": {member.content for member in members if member.content},
        # One that was never run has none.
        "versions of takehome": {member.harness for member in members if member.harness},
        "base images or Pythons": {member.image for member in members if member.image},
    }
    if len(told["versions of the challenge"]) > 1:
        told.pop("contents of the challenge, of one version")
    said = [
        f"Graded with different {what}: {', '.join(sorted(found))}." for what, found in told.items() if len(found) > 1
    ]
    if len({member.rubric for member in members if member.checks}) > 1:
        said.append("Graded by different rubrics: other checks, or other weights.")
    return said
