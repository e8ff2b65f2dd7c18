"""Result: how one check ended, from the exception that ended it to the frame that says so."""

from __future__ import annotations

import math
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from harness.authoring.outcomes import (
    EnvironmentBroken,
    Fail,
    Inconclusive,
    NotApplicable,
    Outcome,
    Partial,
)
from harness.authoring.redact import Redactor
from harness.authoring.transcript import Exchange

OutcomeName = Literal["pass", "partial", "fail", "blocked", "not_applicable", "not_assessed"]
FaultName = Literal["submission", "environment", "harness"]

_TEXT = 4000
_SUMMARY = 500
# The first that is found among several exceptions decides: what speaks against us before what speaks against them.
_PRECEDENCE = (EnvironmentBroken, Inconclusive, Fail, Partial, NotApplicable)


class DeadlineExceeded(Exception):
    """The check as a whole took too long."""


@dataclass
class Result:
    """See the frame `check` of the protocol. `exchange` is the one that shows it, where one does."""

    outcome: OutcomeName
    fraction: float = 0.0
    summary: str = ""
    expected: str = ""
    actual: str = ""
    hint: str = ""
    blocked_by: list[str] = field(default_factory=list)
    fault: FaultName | None = None
    reason: str = ""
    exchange: Exchange | None = None


def passed(summary: str) -> Result:
    return Result("pass", 1.0, summary)


def not_assessed(fault: FaultName, reason: str, summary: str = "Not assessed") -> Result:
    return Result("not_assessed", summary=summary, fault=fault, reason=reason)


def result_of(error: BaseException) -> Result:
    """What an exception says. One that is no outcome is a bug of the grader: nobody else pays for it."""
    leaves = list(_leaves(error))
    if all(isinstance(leaf, Outcome) for leaf in leaves):
        for kind in _PRECEDENCE:
            for leaf in leaves:
                if isinstance(leaf, kind):
                    return _of_outcome(leaf)
    if any(isinstance(leaf, DeadlineExceeded) for leaf in leaves):
        return not_assessed("harness", str(error))
    return not_assessed("harness", "".join(traceback.format_exception(error))[-_TEXT:], "The check itself failed")


def _of_outcome(outcome: Outcome) -> Result:
    match outcome:
        case Fail():
            result = Result("fail", fault="submission", exchange=outcome.exchange)
        case Partial():
            result = Result("partial", outcome.fraction, fault="submission", exchange=outcome.exchange)
        case NotApplicable():
            return Result("not_applicable", summary=outcome.summary, reason=outcome.summary)
        case EnvironmentBroken():
            return not_assessed("environment", outcome.summary)
        case _:
            return not_assessed("harness", outcome.summary)
    result.summary, result.hint = outcome.summary, outcome.hint
    result.expected, result.actual = outcome.expected, outcome.actual
    return result


def _leaves(error: BaseException) -> Iterator[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from _leaves(inner)
    else:
        yield error


def frame_of(
    check_id: str, result: Result, evidence: Mapping[str, Any], seconds: float, redactor: Redactor
) -> dict[str, Any]:
    """The frame for the host: capped, without secrets, and JSON for certain."""
    return {
        "kind": "check",
        "id": check_id,
        "outcome": result.outcome,
        "fraction": result.fraction,
        "summary": _cut(redactor.text(result.summary), _SUMMARY),
        "expected": _cut(redactor.text(result.expected)),
        "actual": _cut(redactor.text(result.actual)),
        "hint": _cut(redactor.text(result.hint)),
        "blocked_by": result.blocked_by,
        "fault": result.fault,
        "reason": _cut(redactor.text(result.reason)),
        "evidence": plain(evidence),
        "seconds": round(seconds, 3),
    }


def plain(value: object) -> Any:  # noqa: ANN401 - any JSON value
    """`value` as JSON that every reader takes: no lone surrogates, no NaN."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, Mapping):
        return {str(plain(str(name))): plain(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value


def _cut(text: str, most: int = _TEXT) -> str:
    text = str(plain(text))
    return text if len(text) <= most else text[: most - 4] + " ..."
