"""The OpenAPI document: whether what it says is true. As the common check, with a token and a user that is there."""

from __future__ import annotations

from harness.authoring import Api, CapacityGate, Evidence, Fuzzer, Question, check

from .support.service import Service
from .support.upstream import profiles


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
    api: Api, service: Service, gate: CapacityGate, evidence: Evidence, fuzzer: Fuzzer
) -> None:
    """Requests made from the document by schemathesis get answers that the document knows, and no server error."""
    gate.reset()
    gate.respond = profiles(service.people.word(6))
    made, _ = await service.make()
    token = await service.admin()
    (await api.get("/openapi.json")).expect_status(200)
    result = await fuzzer.run(headers={"Authorization": f"Bearer {token}"}, known=made)
    evidence.number("requests made from the document", result.cases)
    result.expect_documented()
