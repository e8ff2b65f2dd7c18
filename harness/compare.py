"""Compare: two to four grades side by side, and why they may differ. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harness.record import CheckResult, GradeRecord, Level, Skill

FEWEST, MOST = 2, 4


@dataclass(frozen=True)
class Row:
    """A check in each of the grades, None where one doesn't have it."""

    id: str
    title: str
    skill: Skill
    cells: tuple[CheckResult | None, ...]

    @property
    def differs(self) -> bool:
        """Whether it ended otherwise somewhere."""
        return len({None if cell is None else (cell.outcome, round(cell.fraction, 3)) for cell in self.cells}) > 1


@dataclass(frozen=True)
class Comparison:
    """`reasons` are sentences: what besides the code may make the difference.

    `same_code`: it is one submission, graded more than once. `alike`: the bounds of all scores overlap.
    """

    labels: tuple[str, ...]
    records: tuple[GradeRecord, ...]
    rows: tuple[Row, ...]
    levels: tuple[tuple[Skill, tuple[Level | None, ...]], ...]
    reasons: tuple[str, ...]
    same_code: bool
    alike: bool


def compare(graded: Sequence[tuple[str, GradeRecord]]) -> Comparison:
    """The grades beside each other, in the order given.

    Raises:
        ValueError: fewer than two, more than four, or grades of different challenges.
    """
    if not FEWEST <= len(graded) <= MOST:
        raise ValueError(f"{FEWEST} to {MOST} grades can be compared, not {len(graded)}")
    records = tuple(record for _, record in graded)
    if len({record.challenge.id for record in records}) > 1:
        raise ValueError("the grades are of different challenges")
    ids = dict.fromkeys(check.id for record in records for check in record.checks)
    skills = sorted({skill.skill for record in records for skill in record.skills})
    # A record without a digest is of no known code.
    same = all(r.submission.digest for r in records) and len({r.submission.digest for r in records}) == 1
    return Comparison(
        labels=_labels([label for label, _ in graded]),
        records=records,
        rows=tuple(_row(name, records) for name in ids),
        levels=tuple(
            (skill, tuple(next((s.level for s in r.skills if s.skill == skill), None) for r in records))
            for skill in skills
        ),
        reasons=_reasons(records, same),
        same_code=same,
        alike=_alike(records),
    )


def _labels(labels: Sequence[str]) -> tuple[str, ...]:
    """Each its own, with a number where two are the same."""
    return tuple(
        label if labels.count(label) == 1 else f"{label} ({labels[: at + 1].count(label)})"
        for at, label in enumerate(labels)
    )


def _row(name: str, records: Sequence[GradeRecord]) -> Row:
    cells = tuple(next((check for check in record.checks if check.id == name), None) for record in records)
    known = [cell for cell in cells if cell is not None]
    shown = next((cell for cell in known if cell.outcome in ("fail", "partial")), known[0])
    return Row(name, shown.title, shown.skill, cells)


def _reasons(records: Sequence[GradeRecord], same: bool) -> tuple[str, ...]:
    told: dict[str, set[str]] = {
        "version of the challenge": {record.challenge.version for record in records},
        "content of the challenge, of one version": _contents(records),
        "version of takehome": {record.environment.harness for record in records},
        "base image or Python": {f"{r.environment.base_image} {r.environment.python}".strip() for r in records},
        "runtime": {str(record.runtime) for record in records},
    }
    said = [f"Another {what}: {', '.join(sorted(found))}." for what, found in told.items() if len(found) > 1]
    if len({record.visible_only for record in records}) > 1:
        said.append("Not all of them ran the hidden checks.")
    if same:
        said.append("The code is the same: a check that ends otherwise is unsteady, or the machine was.")
    if len({record.seed for record in records}) > 1:
        said.append("The seeds differ, so the test data do; the option --seed makes them the same.")
    return tuple(said)


def _contents(records: Sequence[GradeRecord]) -> set[str]:
    """The digests of the challenge, where they are known and the version doesn't tell already."""
    if len({record.challenge.version for record in records}) > 1:
        return set()
    return {record.challenge.digest[:19] for record in records if record.challenge.digest}


def _alike(records: Sequence[GradeRecord]) -> bool:
    scores = [record.score for record in records if record.score.value is not None]
    return len(scores) == len(records) and max(s.low for s in scores) <= min(s.high for s in scores)
