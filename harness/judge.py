"""Judge: from evidence to one result per check. Pure; whatever is missing is our fault, never the candidate's."""

from __future__ import annotations

from harness.challenge import CheckEntry
from harness.evidence import CheckFrame, CheckMeta, Evidence, NotReady
from harness.plan import Plan
from harness.record import CheckResult, EvidenceItems
from harness.score import max_points, share_worth


def judge(plan: Plan, evidence: Evidence) -> list[CheckResult]:
    """One result for every planned check, in the order of `challenge.toml`."""
    worth = share_worth(max_points(plan.challenge.spec), plan.checks)
    return [
        _result(check_id, plan.challenge.spec.checks[check_id], worth[check_id], evidence, plan.visible_only)
        for check_id in plan.checks
    ]


def _result(check_id: str, entry: CheckEntry, points: float, evidence: Evidence, visible_only: bool) -> CheckResult:
    frame = evidence.frames.get(check_id) or _absent(check_id, evidence)
    meta = evidence.metas.get(check_id) or CheckMeta(
        id=check_id, skill=entry.skill, level=entry.level, passed=entry.title, failed=entry.title
    )
    fraction = {"pass": 1.0, "partial": frame.fraction}.get(frame.outcome, 0.0)
    good = frame.outcome in ("pass", "not_applicable")
    return CheckResult(
        id=check_id,
        skill=entry.skill,
        tier=entry.tier,
        level=entry.level,
        outcome=frame.outcome,
        fraction=fraction,
        points=round(points * fraction, 4),
        max_points=round(points, 4),
        title=meta.passed if good else meta.failed if frame.outcome in ("fail", "partial") else entry.title,
        summary=frame.summary,
        expected=frame.expected,
        actual=frame.actual,
        hint="" if good else frame.hint or meta.hint,
        why=meta.why,
        requirement=" ".join(entry.brief.split()),
        source=meta.source,
        visible=entry.visible,
        blocked_by=frame.blocked_by,
        fault=frame.fault,
        reason=frame.reason,
        # Not in a candidate's view: it tells what a good answer sounds like.
        question=None if visible_only else meta.question,
        evidence=frame.evidence,
        seconds=round(frame.seconds, 3),
        attempts=evidence.attempts.get(check_id, []),
    )


def _absent(check_id: str, evidence: Evidence) -> CheckFrame:
    """Why a planned check left no frame: the app never started, or we never got that far."""
    if evidence.not_ready is not None:
        return _never_ready(check_id, evidence.not_ready)
    return CheckFrame(
        id=check_id,
        outcome="not_assessed",
        fault=evidence.interrupted_fault,
        summary="not assessed",
        reason=evidence.interrupted or "the prober ended without a result for this check",
    )


def _never_ready(check_id: str, not_ready: NotReady) -> CheckFrame:
    return CheckFrame(
        id=check_id,
        outcome="blocked",
        fault="submission",
        blocked_by=["start"],
        summary=not_ready.summary,
        expected="the app answers GET /healthz",
        actual=not_ready.reason,
        evidence=EvidenceItems(log=list(not_ready.log)[-40:]),
    )
