"""From start to ready: loading the versions. These restart the service."""

from __future__ import annotations

from functools import partial

from harness.authoring import Api, CapacityGate, Claims, Fail, Lifecycle, Question, Reply, check, expect, racing, until

from .support.digits import NEW, OLD, VERSIONS, Digits, digest
from .support.service import MODELS, PREDICTIONS, Service, body_of, retry_after, silent_or, wrong
from .support.telemetry import begins, begun

_PREDICTIONS = 100
_LOADING_S = 30.0
_ALIVE_S = 30.0
_LOOKS = 50


@check(
    "load-once",
    skill="ml",
    level="mid",
    after=("predict",),
    deadline_s=240,
    passed="Each version is loaded once and answers everything",
    failed="Versions are not loaded exactly once",
    why="Loading is what costs: a model loaded per request makes each of them slow, and two at once take the memory "
    "twice.",
    hint="Load in the lifespan, keep the models on app.state, and hand them to routes by a dependency.",
    question=Question(
        ask="Your service gets a second worker process. What does that do to memory and to the start, and what would "
        "you do?",
        junior="Nothing, it only gets faster.",
        senior="Each process has its own copy: knows fork after load with read-only pages, memory-mapped weights, or a "
        "model server of its own with thin workers before it.",
    ),
)
async def test_versions_are_loaded_once(service: Service, digits: Digits, stub: CapacityGate) -> None:
    """After a start and 100 predictions, many at a time: one load per version."""
    await service.restart()
    rows = digits.rows(_PREDICTIONS)
    versions = [VERSIONS[at % 2] for at in range(_PREDICTIONS)]
    async with service.api.fresh() as callers:
        for start in range(0, _PREDICTIONS, _PREDICTIONS // 4):
            some = range(start, start + _PREDICTIONS // 4)
            async with racing(partial(service.predict, [rows[at]], versions[at], api=callers) for at in some) as race:
                for at, reply in zip(some, await race.outcomes(), strict=True):
                    if isinstance(reply, Fail):
                        raise reply
                    if problem := wrong(reply, [rows[at]], versions[at]):
                        reply.fail(f"A prediction is wrong: {problem}", "what the model says")
    await service.has_jobs()
    loads = [call.version for call in begun(stub, "load")]
    expect(
        sorted(loads) == sorted(VERSIONS),
        "Versions are not loaded exactly once",
        expected=f"one load of {OLD} and one of {NEW}",
        actual=f"after {_PREDICTIONS} predictions: {_counted(loads)}",
    )
    seen = {name for call in begun(stub, "predict") for name in call.rows}
    strays = sum(digest(row) not in seen for row in rows)
    expect(
        not strays,
        "Rows are answered without the models that were loaded",
        expected=f"{_PREDICTIONS} rows in calls of Model.predict",
        actual=f"{strays} in none",
    )


def _counted(loads: list[str]) -> str:
    return ", ".join(f"{loads.count(version)} of {version}" for version in sorted({*VERSIONS, *loads}))


@check(
    "readiness",
    skill="resilience",
    level="mid",
    after=("predict",),
    deadline_s=300,
    passed="The service lives while its models load, and is ready when they are loaded",
    failed="The service is deaf while its models load, or ready before they are",
    why="An orchestrator kills what doesn't live and sends requests to what is ready: mix them up, and a slow load "
    "becomes a restart loop or a minute of errors.",
    hint="In the lifespan start a task that loads in a thread, and yield at once; /readyz and the routes ask whether "
    "it is done.",
    question=Question(
        ask="What belongs into readiness, what into liveness, and what happens when a dependency of all replicas "
        "fails?",
        junior="Both check that everything works.",
        senior="Liveness only says that a restart would not help; readiness only what this replica alone lacks, or "
        "else all replicas leave the balancer together.",
    ),
)
async def test_ready_when_loaded(service: Service, digits: Digits, stub: CapacityGate, pod: Lifecycle) -> None:
    """With one version's load held: alive and not ready, whichever it is; then ready, and it stays so."""
    claims = Claims()
    try:
        for version in digits.rng.sample(VERSIONS, 2):
            await _loading(service, digits, stub, pod, version, claims)
        looks = [await silent_or(service.api.get("/readyz")) for _ in range(_LOOKS)]
        row = digits.row()
        await service.right([row])
        looks += [await silent_or(service.api.get("/readyz")) for _ in range(_LOOKS)]
        for reply in looks:
            claims.status(reply, "/readyz goes back after it was 200", 200)
        claims.fail("Readiness")
    finally:
        stub.release()


async def _loading(
    service: Service, digits: Digits, stub: CapacityGate, pod: Lifecycle, version: str, claims: Claims
) -> None:
    """Start with the load of one version held, and look."""
    stub.reset()
    held = begins("load", lambda call: call.version == version)
    with stub.hold(only=held):
        await pod.restart("candidate")
        try:
            await pod.wait_ready(_ALIVE_S)
        except Fail as silence:
            raise Fail(
                f"While {version} is being loaded, /healthz is not answered",
                expected="/healthz answers 200 while versions are being loaded",
                actual=silence.actual or silence.summary,
            ) from silence
        expect(
            await until(lambda: any(call.version == version for call in begun(stub, "load")), cap_s=_LOADING_S),
            "A version is not loaded at start",
            expected=f"load({version!r}) soon after start",
            actual=f"loads begun: {_counted([call.version for call in begun(stub, 'load')])}",
        )
        await _not_ready(service.api, digits, version, claims)
    await service.ready()


async def _not_ready(api: Api, digits: Digits, version: str, claims: Claims) -> None:
    async with api.fresh() as probe:
        when = f"while {version} is being loaded"
        claims.status(await silent_or(probe.get("/healthz")), f"{when}, /healthz", 200)
        claims.status(await silent_or(probe.get("/readyz")), f"{when}, /readyz is not 503", 503)
        listed = await silent_or(probe.get(MODELS))
        claims.status(listed, f"{when}, GET {MODELS} is not 503", 503)
        reply = await silent_or(probe.post(PREDICTIONS, json=body_of([digits.row()], None)))
        if claims.status(reply, f"{when}, a prediction is not refused", 503) and isinstance(reply, Reply):
            claims.holds(
                retry_after(reply) is not None,
                f"{when}, a refusal doesn't say when to try again",
                expected="Retry-After: a whole number of seconds, at least 1",
                actual=str(reply.headers.get("retry-after")),
                shown=reply,
            )
        claims.status(await silent_or(probe.get("/healthz")), f"{when}, /healthz after that", 200)
