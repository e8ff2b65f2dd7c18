"""Progress: what changed since an earlier run of the same challenge. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from harness.record import CheckResult, GradeRecord


@dataclass(frozen=True)
class Change:
    """A check that ended otherwise than before."""

    before: CheckResult
    after: CheckResult


@dataclass(frozen=True)
class Progress:
    """`before` and `after` are the scores over the checks that both runs have, None where there was none."""

    when: str
    before: float | None
    after: float | None
    better: tuple[Change, ...]
    worse: tuple[Change, ...]
    same_code: bool


def progress(earlier: GradeRecord, record: GradeRecord) -> Progress | None:
    """What changed; None when the two are of different challenges, or versions of one."""
    if (earlier.challenge.id, earlier.challenge.version) != (record.challenge.id, record.challenge.version):
        return None
    was = {check.id: check for check in earlier.checks}
    pairs = [Change(was[check.id], check) for check in record.checks if check.id in was]
    judged = [pair for pair in pairs if _judged(pair.before) and _judged(pair.after)]
    return Progress(
        when=earlier.started_at,
        before=earlier.score.value if earlier.visible_only == record.visible_only else None,
        after=record.score.value,
        better=tuple(pair for pair in judged if pair.after.fraction > pair.before.fraction),
        worse=tuple(pair for pair in judged if pair.after.fraction < pair.before.fraction),
        same_code=bool(record.submission.digest) and earlier.submission.digest == record.submission.digest,
    )


def _judged(check: CheckResult) -> bool:
    return check.outcome not in ("not_assessed", "not_applicable")
