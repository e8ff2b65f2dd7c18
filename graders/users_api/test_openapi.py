"""The OpenAPI document: whether what it says is true. (graders/common asks whether it says all.)"""

from __future__ import annotations

from harness.authoring import Api, CapacityGate, Evidence, Fail, Inconclusive, Partial, Question, Settings, check

from .support.fuzzing import Fuzzer, Order
from .support.service import Service
from .support.upstream import profiles

_SHOWN = 12
_HALF = 0.5


@check(
    "openapi-behaviour",
    skill="errors",
    level="mid",
    after=("create-user",),
    explained_by=("no-model", "unbounded"),
    deadline_s=150,
    passed="The service behaves as its OpenAPI document says",
    failed="The service answers what its OpenAPI document doesn't say",
    why="A document that is wrong is worse than none: generated clients fail on answers that it doesn't know.",
    hint="Run schemathesis against /openapi.json: document every status that a route can answer, with its media type, "
    "and let bodies be validated against their models.",
    question=Question(
        ask="What does property-based testing of an API find that your own tests don't?",
        junior="More inputs.",
        senior="Statuses and media types nobody documented, crashes on inputs nobody wrote down; and what it can't "
        "find: whether the answer is right.",
    ),
)
async def test_the_behaviour_is_true_to_the_document(
    api: Api, service: Service, settings: Settings, gate: CapacityGate, evidence: Evidence, fuzzer: Fuzzer
) -> None:
    """Requests made from the document by schemathesis get answers that the document knows, and no server error."""
    gate.reset()
    gate.respond = profiles(service.people.word(6))
    made, _ = await service.make()
    token = await service.admin()
    (await api.get("/openapi.json")).expect_status(200)
    order = Order(base_url=settings.base_url, token=token, seed=settings.seed % 2**32, user_id=made)
    result = await fuzzer.run(order)
    evidence.number("requests made from the document", result.cases)
    if result.unable:
        raise Inconclusive(result.unable)
    if result.refused:
        raise Fail("The OpenAPI document can't be used", expected="a valid document", actual=result.refused)
    if not result.failures:
        return
    told = [f"{f.operation}: {f.message}\n  {f.request}" for f in result.failures]
    summary = (
        f"{len({f.operation for f in result.failures})} of {result.operations} operations answer what the document "
        f"doesn't say, for one {result.failures[0].operation}: {result.failures[0].title}"
    )
    expected, actual = "answers as documented, and no 5xx", "\n".join(told[:_SHOWN])
    wrong = len({f.operation for f in result.failures}) / max(1, result.operations)
    if wrong > _HALF:
        raise Fail(summary, expected=expected, actual=actual)
    raise Partial(min(0.8, round(1 - wrong, 2)), summary, expected=expected, actual=actual)
