"""Why there is no (complete) grade, whose fault it is, and what to do next. Pure."""

from __future__ import annotations

import re

from harness.crash import last_crash
from harness.errors import EnvironmentFault, SubmissionError, TakehomeError
from harness.evidence import Evidence, NotReady
from harness.record import CheckResult, FaultName, Problem

_MISSING = re.compile(r"No module named '([\w.]+)'")


def problem_of(evidence: Evidence) -> Problem | None:
    """What went wrong while the pod ran; None when all went well."""
    if evidence.not_ready is not None:
        return told_by(_not_ready(evidence.not_ready))
    if evidence.interrupted:
        return Problem(
            fault=evidence.interrupted_fault,
            what=evidence.interrupted.splitlines()[0],
            detail="\n".join(evidence.interrupted.splitlines()[1:]),
            next_step="run again; `takehome doctor` may tell why",
        )
    return None


def _not_ready(found: NotReady) -> SubmissionError:
    crash = last_crash(found.log)
    if crash is None:
        return SubmissionError(
            found.summary,
            where=found.reason,
            detail="\n".join(found.log[-25:]) or found.detail,
            next_step="start it as the brief says and read what it prints",
        )
    missing = _MISSING.search(crash.error)
    return SubmissionError(
        f"{found.summary}: {crash.error}",
        where=crash.place or found.reason,
        detail="\n".join(crash.lines if crash.line else found.log[-25:]),
        next_step=f"declare what brings {missing[1]!r} among the dependencies, or mend the import"
        if missing
        else "mend it, and start it as the brief says, with the variables that are set there",
    )


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
