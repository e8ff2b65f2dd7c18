"""The model computes, and nobody else waits for it."""

from __future__ import annotations

from harness.authoring import CapacityGate, Claims, Fail, Question, Race, check, expect, racing

from .support.digits import NEW, OLD, Digits
from .support.gating import computing
from .support.service import MODELS, Service
from .support.telemetry import begins, begun, settled

_WAITING = 60


@check(
    "off-the-loop",
    skill="async",
    level="senior",
    after=("predict",),
    explained_by=("blocking-call",),
    deadline_s=240,
    passed="The model never computes on the event loop, and others go on while it does",
    failed="While the model computes, others wait",
    why="A call that blocks inside async def stops the whole process; one that takes every thread of the pool stops "
    "all routes that need a thread.",
    hint="Call load and predict in an executor of their own, with few threads; let requests wait as futures, not in "
    "threads, and leave the framework's thread pool to the framework.",
    question=Question(
        ask="Sixty predictions are waiting in your service. What holds each of them, and what is left for the others?",
        junior="They run in threads, so it is fine.",
        senior="Knows the 40 threads that plain def routes and dependencies share, keeps waiting cheap (futures, a "
        "queue), and sizes the threads that compute by the CPUs.",
    ),
)
async def test_the_model_is_off_the_loop(service: Service, digits: Digits, stub: CapacityGate) -> None:
    """No load or predict runs in a thread with an event loop; with 60 predictions held, the other routes answer."""
    await service.restart()
    if not begun(stub, "load"):
        await service.right([digits.row()])
    _off_the_loop(stub)
    batches = [[row] for row in digits.rows(_WAITING)]
    versions = [OLD if at % 3 == 0 else NEW for at in range(_WAITING)]
    async with service.api.fresh() as callers:
        calls = [service.calls(callers, [rows], v)[0] for rows, v in zip(batches, versions, strict=True)]
        with stub.hold(only=begins("predict")):
            async with racing(calls) as race:
                await computing(stub, race)
                await _meanwhile(service, stub, race)
                stub.release()
                replies = await race.outcomes()
    claims = Claims()
    for reply in replies:
        claims.status(reply, "a prediction that had to wait is not answered", 200)
    claims.fail("After the wait")
    if await service.has_jobs():
        _off_the_loop(stub)


def _off_the_loop(stub: CapacityGate) -> None:
    for event in ("load", "predict"):
        calls = begun(stub, event)
        on = sum(call.loop_running for call in calls)
        expect(
            not on,
            f"{event} runs on the event loop",
            expected=f"{event} in a thread without a running event loop",
            actual=f"{on} of {len(calls)} calls in a thread with one",
        )


async def _meanwhile(service: Service, stub: CapacityGate, race: Race) -> None:
    silence = await settled(lambda: len(begun(stub, "predict")) + race.done(), service.api)
    _off_the_loop(stub)
    when = f"{_WAITING} predictions wait for the model"
    if silence is not None:
        raise Fail(
            f"While {when}, /healthz is not answered",
            expected="/healthz answers 200 meanwhile",
            actual=silence.actual or silence.summary,
        ) from silence
    claims = Claims()
    await service.others_answer(claims, when, ("/healthz", "/readyz", MODELS, f"{MODELS}/{OLD}", f"{MODELS}/{NEW}"))
    claims.fail("The others wait, too")
