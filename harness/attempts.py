"""Attempts: the checks that lost points or could not be assessed are run once more, each time in a pod of their own.

What was seen once has happened: the first verdict counts, and the others tell how sure it is. Only a check that could
not be assessed takes the verdict of a later attempt.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from harness.evidence import Evidence
from harness.plan import Plan
from harness.record import CheckResult

_DOUBTFUL = ("fail", "partial", "not_assessed")


def doubtful(plan: Plan, evidence: Evidence) -> tuple[str, ...]:
    """The checks to run once more, in the order of the plan; none of a run that was not whole."""
    if evidence.not_ready is not None or evidence.interrupted:
        return ()
    return tuple(id_ for id_ in plan.checks if id_ in evidence.frames and evidence.frames[id_].outcome in _DOUBTFUL)


def with_attempt(evidence: Evidence, again: Evidence) -> Evidence:
    """What is known after one more attempt; of a check that it did not get to, what was known before."""
    frames, attempts = dict(evidence.frames), dict(evidence.attempts)
    for id_, frame in again.frames.items():
        # What nobody asked for is no part of the plan.
        if id_ not in frames:
            continue
        attempts[id_] = [*attempts.get(id_, [frames[id_].outcome]), frame.outcome]
        if frames[id_].outcome == "not_assessed":
            frames[id_] = frame
    return replace(evidence, frames=frames, attempts=attempts)


def repeated(plan: Plan, probe: Callable[[Plan], Evidence], evidence: Evidence, attempts: int) -> Evidence:
    """The evidence after up to `attempts` attempts in all; `probe` runs the checks of a plan in a new pod."""
    asked = doubtful(plan, evidence)
    for _ in range(attempts - 1):
        if not asked:
            break
        again = probe(replace(plan, checks=asked))
        evidence = with_attempt(evidence, again)
        if again.interrupted:
            break
    return evidence


def told(results: list[CheckResult]) -> str:
    """What came of the attempts, as a sentence; empty when each check ran once."""
    again = [check for check in results if len(check.attempts) > 1]
    if not again:
        return ""
    other = [check.id for check in again if check.unsteady]
    ended = f"not always alike: {', '.join(other)}" if other else "each ended alike"
    return f"{len(again)} {'check' if len(again) == 1 else 'checks'} run more than once, {ended}"
