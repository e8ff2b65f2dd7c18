"""The OpenAPI document: whether it says all, and whether what it says is true."""

from __future__ import annotations

from harness.authoring import Api, CapacityGate, Evidence, Fail, Inconclusive, Partial, Question, Settings, check

from .support.fuzzing import Fuzzer, Order
from .support.openapi_diff import compare
from .support.service import Service, mapping
from .support.upstream import profiles

_SHOWN = 12
_HALF = 0.5


@check(
    "openapi-contract",
    skill="api-design",
    level="mid",
    visible=True,
    explained_by=("no-model", "one-model"),
    deadline_s=90,
    passed="The OpenAPI document holds the whole contract",
    failed="The OpenAPI document lacks parts of the contract",
    why="Clients are generated from it: what it doesn't say doesn't exist for them, errors above all.",
    hint="Give each route its response_model, its errors in responses= (as application/problem+json), header "
    "parameters as Header(), and the token as a security dependency.",
    question=Question(
        ask="How do you keep the document and the behaviour of a service from drifting apart?",
        junior="It is generated, so it is right.",
        senior="Knows what is not generated (errors from handlers and middleware, headers), and tests the behaviour "
        "against the document, and the document against a contract.",
    ),
)
async def test_the_document_holds_the_contract(api: Api, settings: Settings) -> None:
    """Every operation, parameter, body, status and member of the contract is in the served document."""
    if not settings.openapi:
        raise Inconclusive("the challenge came without its OpenAPI contract")
    diff = compare(dict(settings.openapi), mapping((await api.get("/openapi.json")).expect_status(200)))
    if not diff.gaps:
        return
    named = [str(gap) for gap in diff.gaps]
    more = [f"... and {len(named) - _SHOWN} more"] if len(named) > _SHOWN else []
    summary = f"The OpenAPI document lacks {len(named)} thing{'s' if len(named) > 1 else ''}: {named[0]}"
    expected = f"all {diff.claims} claims of the contract"
    actual = "\n".join([*named[:_SHOWN], *more])
    if diff.share < _HALF:
        raise Fail(summary, expected=expected, actual=actual)
    raise Partial(min(0.9, round(diff.share, 2)), summary, expected=expected, actual=actual)


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
