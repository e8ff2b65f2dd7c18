"""More requests than the service can do."""

from __future__ import annotations

from harness.authoring import Api, CapacityGate, Claims, Evidence, Fail, Lifecycle, Question, Race, Reply, check, racing

from .support.digits import Digits, Row
from .support.gating import computing
from .support.service import Service, retry_after, wrong
from .support.telemetry import begins, settled

_SENT = 500
_LEAST = 128
_MOST = 256
_WAVES = 5
_PER_WAVE = 40
_FULL = 64
_MIB = 1024 * 1024
_GROWTH = 128 * _MIB


@check(
    "overload",
    skill="resilience",
    level="senior",
    after=("predict", "off-the-loop"),
    deadline_s=300,
    passed="With more than it can do the service takes what it has room for, refuses the rest at once, and keeps its "
    "word",
    failed="With more than it can do the service takes too much, or doesn't keep what it took",
    why="A queue without a limit turns a peak into an outage: memory grows, and every answer comes too late to be of "
    "use.",
    hint="Count the rows that are admitted and not answered; when there is no room answer 503 with Retry-After before "
    "anything is done, and give the room back in a finally.",
    question=Question(
        ask="How did you choose how much your service lets in, and what do clients do with what it refuses?",
        junior="A large number, to be safe.",
        senior="From throughput and the time a client is willing to wait (Little's law); clients back off with jitter, "
        "a balancer goes elsewhere, and readiness stays out of it.",
    ),
)
async def test_there_is_room_for_so_many(
    service: Service, digits: Digits, stub: CapacityGate, pod: Lifecycle, evidence: Evidence
) -> None:
    """500 requests while predict is held: 128 to 256 wait and are answered in the end, the others are refused at "
    "once."""
    rows = digits.rows(_SENT)
    claims = Claims()
    stub.reset()
    await service.right(rows[:_FULL])
    before = await pod.memory()
    async with service.api.fresh() as callers:
        with stub.hold(only=begins("predict")):
            async with racing(service.calls(callers, [[row] for row in rows])) as race:
                await computing(stub, race)
                await _full(service, race)
                admitted = _SENT - race.done()
                evidence.number("admitted of 500", admitted)
                _refusals(claims, race.so_far())
                claims.holds(
                    _LEAST <= admitted <= _MOST,
                    "too many rows are admitted" if admitted > _MOST else "too few rows are admitted",
                    expected=f"{_LEAST} to {_MOST} of {_SENT} wait, the others are refused",
                    actual=f"{admitted} wait while predict is held",
                    fatal=admitted > _MOST,
                )
                await service.others_answer(claims, "the service is full")
                await _waves(service, callers, claims, rows)
                await _memory(claims, pod, before, evidence)
                refused = [reply is not None for reply in race.so_far()]
                stub.release()
                replies = await race.outcomes()
    for row, reply, gone in zip(rows, replies, refused, strict=True):
        if not gone:
            _kept(claims, row, reply)
    await service.right(digits.rows(_FULL))
    claims.verdict("With more than it can do", 0.5)


async def _full(service: Service, race: Race) -> None:
    """Until nobody else is refused."""
    silence = await settled(race.done, service.api, least=_SENT - _MOST, calm_s=2.0)
    if silence is not None:
        raise Fail(
            f"With {_SENT} requests waiting /healthz is not answered",
            expected="/healthz answers 200 meanwhile",
            actual=silence.actual or silence.summary,
        ) from silence


def _refusals(claims: Claims, outcomes: list[Reply | Fail | None]) -> None:
    for reply in outcomes:
        if isinstance(reply, Fail):
            claims.status(reply, "a request that is too many is not answered", 503, 429)
        elif reply is not None:
            _refused(claims, reply)


def _refused(claims: Claims, reply: Reply) -> None:
    claims.holds(
        reply.status in (503, 429),
        "a request for which there is no room is answered otherwise",
        expected="503 or 429",
        actual=reply.describe(),
        shown=reply,
        fatal=True,
    )
    claims.holds(
        retry_after(reply) is not None,
        "a refusal doesn't say when to try again",
        expected="Retry-After: a whole number of seconds, at least 1",
        actual=f"{reply.status}, Retry-After: {reply.headers.get('retry-after')}",
        shown=reply,
    )


async def _waves(service: Service, callers: Api, claims: Claims, rows: list[Row]) -> None:
    """The service is full, so that no request of 64 rows has room."""
    for wave in range(_WAVES):
        async with racing(service.calls(callers, [rows[wave : wave + _FULL]] * _PER_WAVE)) as race:
            silence = await settled(race.done, service.api, least=_PER_WAVE, most=_PER_WAVE)
            waiting = _PER_WAVE - race.done()
            claims.holds(
                not waiting and silence is None,
                "a full service doesn't refuse at once",
                expected=f"{_PER_WAVE} requests of {_FULL} rows are refused",
                actual=f"{waiting} of them wait",
                fatal=True,
            )
            _refusals(claims, race.so_far())
        if waiting:
            return


async def _memory(claims: Claims, pod: Lifecycle, before: int, evidence: Evidence) -> None:
    grown = await pod.memory() - before
    evidence.number("memory grown under overload (MiB)", round(grown / _MIB, 1))
    claims.holds(
        grown < _GROWTH,
        "memory grows with what is refused",
        expected=f"less than {_GROWTH // _MIB} MiB more than before",
        actual=f"{grown / _MIB:.0f} MiB more",
        fatal=True,
    )


def _kept(claims: Claims, row: Row, reply: Reply | Fail) -> None:
    if claims.status(reply, "a request that was admitted is not answered in the end", 200):
        assert isinstance(reply, Reply)
        problem = wrong(reply, [row])
        claims.holds(
            not problem,
            "a request that was admitted gets a wrong answer",
            expected="what the model says of its row",
            actual=problem,
            shown=reply,
            fatal=True,
        )
