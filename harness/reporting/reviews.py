"""Reviews beside the machine's score: never blended, differences named. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from harness.human import Agreement, Criterion, Rating, agreement
from harness.record import GradeRecord
from harness.reporting import words
from harness.reporting.text import one_line
from harness.review_log import Amended, Override, Review


@dataclass(frozen=True)
class Row:
    """A criterion, what each reviewer says of it, and whether they are more than a level apart."""

    criterion: Criterion
    ratings: tuple[Rating | None, ...]
    apart: bool


@dataclass(frozen=True)
class Beside:
    """What the report draws. `outcomes` are the machine's, by check, for the overrides."""

    reviewers: tuple[str, ...]
    rows: tuple[Row, ...]
    agreement: Agreement | None
    amended: tuple[Amended, ...]
    overrides: tuple[Override, ...]
    outcomes: dict[str, str]
    stale: bool


def beside(record: GradeRecord, review: Review, criteria: Sequence[Criterion]) -> Beside | None:
    """The reviews for a report; None before all are in."""
    if not review.complete:
        return None
    said = [one.ratings for one in review.reviews]
    found = agreement(said[0], said[1]) if len(said) > 1 else None
    return Beside(
        reviewers=tuple(one.by for one in review.reviews),
        rows=tuple(
            Row(one, tuple(ratings.get(one.id) for ratings in said), found is not None and one.id in found.gaps)
            for one in criteria
        ),
        agreement=found,
        amended=review.amended,
        overrides=review.overrides,
        outcomes={check.id: words.OUTCOME[check.outcome] for check in record.checks},
        stale=review.stale,
    )


def agreed(found: Agreement) -> str:
    """How far two reviewers agree, as a sentence."""
    if not found.pairs:
        return "There is nothing that both rated."
    said = (
        f"The same level for {found.exact} of {words.count(found.pairs, 'criterion').replace('criterions', 'criteria')}"
    )
    if found.kappa is not None:
        said += f"; weighted kappa {found.kappa}, over so few no more than a hint"
    return said + "."


def told(record: GradeRecord, review: Review, criteria: Sequence[Criterion]) -> Iterator[str]:
    """The same for a terminal."""
    score = record.score.value
    yield f"Machine: {words.headline(record)}" + (f", {words.number(score)} of 100" if score is not None else "")
    found = beside(record, review, criteria)
    if found is None:
        return
    yield f"People: {', '.join(one_line(name, 40) for name in found.reviewers)}"
    for row in found.rows:
        levels = " and ".join("skipped" if r is None or r.level is None else str(r.level) for r in row.ratings)
        yield f"  {levels:<12} {row.criterion.title}" + (
            "   more than a level apart: talk about it" if row.apart else ""
        )
        for name, rating in zip(found.reviewers, row.ratings, strict=True):
            if rating is not None and (rating.comment or rating.skip):
                yield f"      {one_line(name, 40)}: {one_line(rating.comment or rating.skip, 600)}"
    if found.agreement is not None:
        yield agreed(found.agreement)
    for amended in found.amended:
        who, level = one_line(amended.by, 40), amended.rating.level
        yield f"{who} on {amended.criterion} afterwards: {level}. {one_line(amended.reason, 600)}"
    for override in found.overrides:
        machine = found.outcomes.get(override.check, "not there")
        yield (
            f"{override.check}: {machine} by machine, {words.OUTCOME[override.to]} to {one_line(override.by, 40)}. "
            f"{one_line(override.reason, 600)}"
        )
    if found.stale:
        yield "Some of this was said of another result.json than the one that lies there now."
