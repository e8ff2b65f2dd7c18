"""Requests at the same moment share calls of predict."""

from __future__ import annotations

from harness.authoring import CapacityGate, Claims, Evidence, Fail, Question, Reply, check, racing

from .support.digits import Digits, Row
from .support.gating import computing
from .support.service import Service, wrong
from .support.telemetry import Call, begins, begun, settled

_AT_ONCE = 64
_MOST_CALLS = 16
_MOST_ROWS = 64
_PARALLEL = 4
_WIDE = 40


@check(
    "micro-batching",
    skill="performance",
    level="senior",
    after=("predict", "off-the-loop"),
    explained_by=("blocking-call",),
    deadline_s=240,
    passed="Requests at the same moment share calls of predict, and each gets its own answer",
    failed="Requests at the same moment don't share calls of predict as they should",
    why="One call for 64 rows costs little more than a call for one: without sharing, most of the machine is overhead.",
    hint="A queue of rows with a future each; a task takes what is there, up to 64 rows, calls predict once in a "
    "thread, and hands the slices back. Refuse what is invalid before it is queued.",
    question=Question(
        ask="Your batcher waits up to 50 ms for more rows. When is that right, and when would you have no window at "
        "all?",
        junior="A longer window gives larger batches.",
        senior="While a call is under way rows gather by themselves, so the window matters at low load only, where it "
        "costs latency; ties it to measured cost per batch size.",
    ),
)
async def test_requests_share_calls(service: Service, digits: Digits, stub: CapacityGate, evidence: Evidence) -> None:
    """64 requests of one row and a bad one, all at once: few calls, each reply right; never more than 64 rows a "
    "call."""
    claims = Claims()
    rows = digits.rows(_AT_ONCE)
    batches = [[row] for row in rows]
    at = digits.rng.randrange(_AT_ONCE)
    batches.insert(at, [digits.row()[:-1]])
    calls, replies = await _at_once(service, stub, batches, claims)
    bad = replies.pop(at)
    claims.status(bad, "a bad request among good ones", 422)
    _each_its_own(claims, replies, [[row] for row in rows])
    evidence.number("calls of predict for 64 requests at once", len(calls))
    largest = max((len(call.rows) for call in calls), default=0)
    evidence.number("rows in the largest call", largest)
    claims.holds(
        largest > 1,
        "no call of predict has rows of more than one request",
        expected=f"{_AT_ONCE} rows in at most {_MOST_CALLS} calls",
        actual=f"{len(calls)} calls of one row",
        fatal=True,
    )
    claims.holds(
        len(calls) <= _MOST_CALLS,
        "requests share too few calls of predict",
        expected=f"at most {_MOST_CALLS} calls for {_AT_ONCE} requests of one row",
        actual=f"{len(calls)} calls",
    )
    wide = [digits.rows(1), digits.rows(_WIDE), digits.rows(_WIDE), digits.rows(_WIDE)]
    calls, replies = await _at_once(service, stub, wide, claims)
    _each_its_own(claims, replies, wide)
    claims.verdict("Shared calls", 0.5)


async def _at_once(
    service: Service, stub: CapacityGate, batches: list[list[Row]], claims: Claims
) -> tuple[list[Call], list[Reply | Fail]]:
    """All at once while predict is held, so that it doesn't matter how fast they come; then let go."""
    stub.reset()
    async with service.api.fresh() as callers:
        with stub.hold(only=begins("predict")):
            async with racing(service.calls(callers, batches)) as race:
                await computing(stub, race)
                await settled(lambda: len(begun(stub, "predict")) + race.done(), service.api)
                at_a_time = len(begun(stub, "predict"))
                stub.release()
                replies = await race.outcomes()
    calls = begun(stub, "predict")
    claims.holds(
        at_a_time <= _PARALLEL,
        "too many calls of predict run at a time",
        expected=f"at most {_PARALLEL}",
        actual=f"{at_a_time} were under way",
    )
    largest = max(len(call.rows) for call in calls)
    claims.holds(
        largest <= _MOST_ROWS,
        "a call of predict has too many rows",
        expected=f"at most {_MOST_ROWS}",
        actual=f"{largest} rows",
    )
    return calls, replies


def _each_its_own(claims: Claims, replies: list[Reply | Fail], batches: list[list[Row]]) -> None:
    for reply, rows in zip(replies, batches, strict=True):
        if not claims.status(reply, "one of many requests at once", 200):
            continue
        assert isinstance(reply, Reply)
        problem = wrong(reply, rows)
        claims.holds(
            not problem,
            "a request gets an answer that isn't its own",
            expected="what the model says of its rows",
            actual=problem,
            shown=reply,
            fatal=True,
        )
