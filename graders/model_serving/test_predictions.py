"""What is predicted, and what is refused."""

from __future__ import annotations

from harness.authoring import CapacityGate, Claims, Question, Reply, check

from .support.digits import MOST, NEW, OLD, PIXELS, Digits, digest
from .support.hostile import cases, filler, send
from .support.service import JOBS, PREDICTIONS, Service, mapping, silent_or, wrong
from .support.telemetry import begun

_FULL = 64
_ALONE = 6


@check(
    "predict",
    skill="ml",
    level="junior",
    visible=True,
    passed="Predictions are the model's, alone and in a batch, in the order sent",
    failed="Predictions are not what the model says",
    why="A model that is served with other numbers than it was trained with still answers, and nobody sees that it is "
    "wrong.",
    hint="Give Model.predict the rows as they came, shape (n, 64), pixels from 0 to 16; put its answers back in the "
    "order of the inputs.",
    question=Question(
        ask="How would you notice in production that the numbers reaching the model are not those it was trained on?",
        junior="Would look at the logs.",
        senior="One code path for features in training and serving, golden examples at start or in CI, the "
        "distribution of inputs and of labels watched.",
    ),
)
async def test_predictions_are_the_models(service: Service, digits: Digits, stub: CapacityGate) -> None:
    """Random digits, one by one and 64 at a time, against the grader's own answers, both versions named."""
    stub.reset()
    for _ in range(_ALONE):
        await service.right([digits.row()])
    rows = digits.rows(_FULL)
    together = await service.right(rows)
    for at in digits.rng.sample(range(_FULL), _ALONE):
        _same(await service.right([rows[at]]), together, at)
    edges = [[0.0] * PIXELS, [float(MOST)] * PIXELS, [digits.rng.randint(0, 64) / 4 for _ in range(PIXELS)]]
    await service.right(edges + digits.rows(2) + edges[::-1])
    for version in (OLD, NEW):
        await service.right(digits.rows(3), version)
    null = {"inputs": [rows[0]], "version": None}
    reply = await service.api.post(PREDICTIONS, json=null)
    reply.expect_status(200)
    if problem := wrong(reply, [rows[0]]):
        reply.fail(f"With a version of null: {problem}", f"the answer of {NEW}")
    seen = {name for call in begun(stub, "predict") for name in call.rows}
    if missing := [row for row in rows if digest(row) not in seen]:
        together.fail(
            f"{len(missing)} of {_FULL} rows are answered without Model.predict", "all answers come from Model.predict"
        )


def _same(alone: Reply, together: Reply, at: int) -> None:
    one, other = mapping(alone)["predictions"][0], mapping(together)["predictions"][at]
    if one["label"] != other["label"]:
        alone.fail("A row is read otherwise alone than among others", f"label {other['label']}")


@check(
    "bad-input",
    skill="errors",
    level="junior",
    after=("predict",),
    visible=True,
    deadline_s=150,
    passed="What is no digit is refused, with a status that says so",
    failed="Input that is none is taken, or breaks the service",
    why="NaN and infinity are valid for Python's JSON parser and for a float field; behind it they become a 500, or a "
    "prediction about nothing.",
    hint="A model with a strict, finite, bounded float, exact lengths and no extra members; answer validation errors "
    "without the input, which JSON may not be able to carry; stop reading a body past its limit.",
    question=Question(
        ask="Which inputs pass your schema and still make no sense to the model, and who should say so?",
        junior="pydantic refuses everything.",
        senior="Knows NaN, bounds and shapes as part of the schema, and tells them from inputs that are valid and "
        "unlike the training data, which are answered and counted.",
    ),
)
async def test_bad_input_is_refused(service: Service, digits: Digits, stub: CapacityGate) -> None:
    """NaN, infinities, wrong shapes and types, too many and too much, on both routes: refused, and all goes on."""
    claims = Claims()
    routes = [(PREDICTIONS, 64)]
    # Whether there are jobs at all is the matter of another check.
    if await service.has_jobs():
        routes.append((JOBS, 2000))
    stub.reset()
    for route, most in routes:
        for case in cases(digits, most):
            reply = await silent_or(send(service.api, route, case))
            claims.status(reply, f"{case.name}, sent to {route}", *case.statuses)
    predicted = [call for call in begun(stub, "predict") if call.rows]
    claims.holds(
        not predicted,
        "rows of a request that has to be refused are predicted",
        expected="no call of predict",
        actual=f"{len(predicted)} calls",
    )
    large = await silent_or(send(service.api, PREDICTIONS, filler(digits)))
    claims.status(large, "a body just below 4 MiB", 200)
    row = digits.row()
    good = await silent_or(service.predict([row]))
    claims.holds(
        isinstance(good, Reply) and not wrong(good, [row]),
        "after all that, a good request isn't answered",
        expected="200",
        actual=good.describe() if isinstance(good, Reply) else good.summary,
        fatal=True,
    )
    claims.verdict("Bad input")
