"""Clients that hang up while they wait for the model."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AsyncExitStack

from harness.authoring import Api, CapacityGate, Claims, Question, Reply, check, expect, racing

from .support.digits import Digits, Row, digest
from .support.gating import computing
from .support.service import Service, wrong
from .support.telemetry import begins, begun, settled

_PARALLEL = 4
_FIRST = 10
_LEAVING = 100
_LATER = 100


@check(
    "cancellation",
    skill="async",
    level="senior",
    after=("predict", "off-the-loop"),
    explained_by=("swallowed-cancellation",),
    deadline_s=240,
    passed="Rows that nobody waits for any more are never predicted",
    failed="Rows are predicted for clients that have left",
    why="Under load clients give up and ask again: a service that goes on computing for those who left never catches "
    "up.",
    hint="Wait for the answer and for http.disconnect at the same time; when the client goes first, cancel its future, "
    "give its room back, and skip cancelled ones when a batch is put together.",
    question=Question(
        ask="A client hangs up while its request waits in your queue. What in your service hears of it, and how?",
        junior="FastAPI cancels the handler.",
        senior="Knows that nothing is cancelled by itself: ASGI says http.disconnect to whoever asks for it; names "
        "what can be called off (the wait) and what can't (a thread that computes).",
    ),
)
async def test_nothing_is_computed_for_nobody(service: Service, digits: Digits, stub: CapacityGate) -> None:
    """With predict held, 100 clients queue and hang up: others are predicted, theirs are not, and there is room "
    "again."""
    leaving = digits.rows(_LEAVING)
    staying = digits.rows(_FIRST + _LATER)
    claims = Claims()
    stub.reset()
    async with service.api.fresh() as callers, service.api.fresh() as quitters:
        with stub.hold(only=begins("predict")):
            async with AsyncExitStack() as stack:
                await _all_busy(stack, service, callers, stub)
                first = await stack.enter_async_context(racing(service.calls(callers, _alone(staying[:_FIRST]))))
                await _queue_and_leave(service, stub, quitters, leaving)
                later = await stack.enter_async_context(racing(service.calls(callers, _alone(staying[_FIRST:]))))
                await settled(later.done, service.api)
                stub.release()
                replies = [*await first.outcomes(), *await later.outcomes()]
    await service.right([digits.row()])
    predicted = {name for call in begun(stub, "predict") for name in call.rows}
    for_nobody = sum(digest(row) in predicted for row in leaving)
    claims.holds(
        not for_nobody,
        "rows of clients that had left are predicted",
        expected=f"none of {_LEAVING}",
        actual=f"{for_nobody} of {_LEAVING}",
        fatal=True,
    )
    for at, (reply, row) in enumerate(zip(replies, staying, strict=True)):
        name = (
            "a client that stays" if at < _FIRST else "after others have left there is no room for a client that comes"
        )
        if isinstance(reply, Reply) and reply.status in (429, 503) and at >= _FIRST:
            claims.holds(False, name, expected="200", actual=reply.describe(), shown=reply)
        elif claims.status(reply, name, 200) and isinstance(reply, Reply):
            problem = wrong(reply, [row])
            claims.holds(not problem, name, expected="its own answer", actual=problem, shown=reply, fatal=True)
    claims.verdict("Clients that hang up", 0.5)


def _alone(rows: Iterable[Row]) -> list[list[Row]]:
    return [[row] for row in rows]


async def _all_busy(stack: AsyncExitStack, service: Service, callers: Api, stub: CapacityGate) -> None:
    """One row after the other, until one has to wait: now what comes next waits, too."""
    for _ in range(_PARALLEL):
        before = len(begun(stub, "predict"))
        race = await stack.enter_async_context(racing(service.calls(callers, [[service.digits.row()]])))
        if not before:
            await computing(stub, race)
        await settled(lambda: len(begun(stub, "predict")), service.api)
        if len(begun(stub, "predict")) == before:
            return


async def _queue_and_leave(service: Service, stub: CapacityGate, quitters: Api, leaving: list[Row]) -> None:
    async with racing(service.calls(quitters, _alone(leaving))) as race:
        await settled(lambda: race.done() + len(begun(stub, "predict")), service.api)
        refused = [reply for reply in race.so_far() if isinstance(reply, Reply)]
        expect(
            not refused,
            "Requests are not admitted while there has to be room for them",
            expected="at least 128 rows at a time",
            actual=refused[0].describe() if refused else "",
        )
        under_way = sum(digest(row) in call.rows for call in begun(stub, "predict") for row in leaving)
        expect(
            not under_way,
            "Requests don't wait for calls of predict that are under way",
            expected=f"at most {_PARALLEL} calls of predict at a time; what comes meanwhile waits",
            actual=f"{under_way} rows went into further calls",
        )
    await settled(lambda: len(begun(stub, "predict")), service.api)
