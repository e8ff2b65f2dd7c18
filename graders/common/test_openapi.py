"""The OpenAPI document: whether it holds the contract, whether it is true, and whether it is a good one."""

from __future__ import annotations

import anyio

from harness.authoring import Api, Evidence, Fail, Fuzzer, Inconclusive, Partial, Question, Settings, check

from .openapi_diff import compare
from .openapi_rules import LEAST_OPERATIONS, Verdict, judge, too_large
from .openapi_schema import Json, without_patterns
from .openapi_valid import complaints

_SHOWN = 12
_HALF = 0.5
_VALIDATION_S = 45.0


async def served(api: Api) -> Json:
    """The document.

    Raises:
        Fail: there is none, or it is no JSON object.
    """
    reply = (await api.get("/openapi.json")).expect_status(200)
    value = reply.json()
    if not isinstance(value, dict):
        reply.fail("The OpenAPI document is not a JSON object", "a JSON object")
    return value


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
    diff = compare(dict(settings.openapi), await served(api))
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
async def test_the_behaviour_is_true_to_the_document(api: Api, evidence: Evidence, fuzzer: Fuzzer) -> None:
    """Requests made from the document by schemathesis get answers that it knows, and no server error.

    As anybody would send them. A challenge whose service asks who is there has a check of the same name, which gives
    `fuzzer.run` a token and something that is there.
    """
    await served(api)
    result = await fuzzer.run()
    evidence.number("requests made from the document", result.cases)
    result.expect_documented()


@check(
    "openapi-quality",
    skill="api-design",
    level="mid",
    explained_by=("no-model", "unbounded"),
    deadline_s=120,
    passed="The OpenAPI document is one that clients can be made from",
    failed="The OpenAPI document is valid by luck, or says too little",
    why="People and generators read it first: names that clash, answers of any shape and texts of any length become "
    "their errors.",
    hint="Give routes operation ids, summaries and tags; models for success and problems, bounds for what comes in; "
    "then run openapi-spec-validator and spectral over it.",
    question=Question(
        ask="Who reads your OpenAPI document, and what did you write in it for each of them?",
        junior="Swagger UI shows it.",
        senior="Names generators (operation ids, schemas), gateways (bounds, security) and people (summaries, "
        "examples, errors), and keeps it from drifting in CI.",
    ),
)
async def test_the_document_is_a_good_one(api: Api, evidence: Evidence) -> None:
    """It is valid, and a dozen rules of the trade hold for each operation, parameter and schema."""
    document = await served(api)
    if size := too_large(document):
        raise Fail(
            "The OpenAPI document is too large to be read", expected="a document of a few hundred KB", actual=size
        )
    invalid: list[str] | None = None
    with anyio.move_on_after(_VALIDATION_S):
        invalid = await anyio.to_thread.run_sync(complaints, without_patterns(document), abandon_on_cancel=True)
    if invalid is None:
        raise Inconclusive(f"the document could not be validated within {_VALIDATION_S:.0f} s")
    verdicts = judge(document)
    if verdicts[0].claims < LEAST_OPERATIONS:
        raise Fail(
            "The OpenAPI document has next to nothing in it",
            expected=f"at least {LEAST_OPERATIONS} operations",
            actual=str(verdicts[0].claims),
        )
    _judged([Verdict("valid", "it is valid OpenAPI", 1, tuple(invalid)), *verdicts], evidence)


def _judged(verdicts: list[Verdict], evidence: Evidence) -> None:
    broken = [verdict for verdict in verdicts if verdict.broken]
    evidence.number("rules that hold", f"{len(verdicts) - len(broken)} of {len(verdicts)}")
    if not broken:
        return
    share = 1 - len(broken) / len(verdicts)
    named = [f"{verdict.title}: {place}" for verdict in broken for place in verdict.broken[:3]]
    told = {
        "expected": "\n".join(verdict.title for verdict in broken),
        "actual": "\n".join(
            [*named[:_SHOWN], *([f"... and {len(named) - _SHOWN} more"] if len(named) > _SHOWN else [])]
        ),
    }
    summary = (
        f"{len(broken)} of {len(verdicts)} rules of a good OpenAPI document don't hold, such as: {broken[0].title}"
    )
    if share < _HALF:
        raise Fail(summary, **told)
    raise Partial(round(share, 2), summary, **told)
