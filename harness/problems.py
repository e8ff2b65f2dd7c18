"""Why there is no (complete) grade, whose fault it is, and what to do next. Pure."""

from __future__ import annotations

from harness.errors import EnvironmentFault, SubmissionError, TakehomeError
from harness.evidence import Evidence
from harness.record import CheckResult, FaultName, Problem


def problem_of(evidence: Evidence) -> Problem | None:
    """What went wrong while the pod ran; None when all went well."""
    if evidence.not_ready is not None:
        found = evidence.not_ready
        return told_by(
            SubmissionError(
                found.summary,
                where=found.reason,
                detail="\n".join(found.log[-25:]) or found.detail,
                next_step="start it as the brief says and read what it prints",
            )
        )
    if evidence.interrupted:
        return Problem(
            fault=evidence.interrupted_fault,
            what=evidence.interrupted.splitlines()[0],
            detail="\n".join(evidence.interrupted.splitlines()[1:]),
            next_step="run again; `takehome doctor` may tell why",
        )
    return None


def told_by(error: TakehomeError) -> Problem:
    """What an error says."""
    return Problem(
        fault=error.fault, what=error.what, where=error.where, next_step=error.next_step, detail=error.detail
    )


def too_little(results: list[CheckResult]) -> Problem:
    """Too few checks came to a judgement for a grade."""
    lost = [r for r in results if r.outcome == "not_assessed"]
    worst: FaultName = "environment" if any(r.fault == "environment" for r in lost) else "harness"
    error = EnvironmentFault("too little could be assessed", next_step="run again")
    return Problem(
        fault=worst,
        what=error.what,
        where=", ".join(r.id for r in lost),
        next_step=error.next_step,
        detail="\n".join(f"{r.id}: {r.reason.splitlines()[0] if r.reason else r.summary}" for r in lost)[:3000],
    )
