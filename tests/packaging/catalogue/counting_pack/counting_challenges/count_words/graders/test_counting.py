"""Counting words, judged with what any author has."""

from __future__ import annotations

import random

from harness.authoring import Api, StubAnswer, StubRequest, Stubs, check, expect


@check(
    "counting",
    skill="api-design",
    level="junior",
    passed="Words are counted",
    failed="Words are not counted",
    why="It is what the service is for.",
    hint="Ask the dictionary for each word.",
)
async def test_words_are_counted(api: Api, stubs: Stubs, rng: random.Random) -> None:
    """Known words count, unknown ones don't."""
    known = {f"word{rng.randrange(10**6)}" for _ in range(5)}

    def respond(request: StubRequest) -> StubAnswer:
        return StubAnswer(200 if request.path.rpartition("/")[2] in known else 404, delay_s=0.01)

    stubs.dictionary.respond = respond
    text = " ".join([*known, "unknown", "words"])
    reply = (await api.post("/v1/counts", json={"text": text})).expect_status(200)
    expect(reply.json() == {"words": len(known)}, "The count is wrong", expected="5", actual=reply.describe())
