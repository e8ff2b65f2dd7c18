"""Blame: whether a record may be held against the submission. Pure."""

from __future__ import annotations

from harness.record import GradeRecord, Problem

_GRADABLE = "gradable"


def whole_id(record: GradeRecord) -> str:
    """The name under which a submission that can't be graded is told beside its checks: of none of them."""
    taken = {check.id for check in record.checks}
    name = _GRADABLE
    while name in taken:
        name += "-at-all"
    return name


def their_problem(record: GradeRecord) -> Problem | None:
    """Why there is no grade, where the submission is to blame."""
    problem = record.problem
    return problem if not record.gradable and problem is not None and problem.fault == "submission" else None


def ours(record: GradeRecord) -> bool:
    """Whether there is no grade through a fault of the harness or its environment: nothing is told as failed then."""
    return not record.gradable and their_problem(record) is None
