"""Greeting people."""

from __future__ import annotations

import random

from harness.authoring import Api, Question, Settings, check, expect

_NAMES = ("Ada", "Grace", "Zoë", "Łukasz", "O'Brien")


@check(
    "greeting",
    skill="api-design",
    level="junior",
    passed="People are greeted",
    failed="People are not greeted as the brief says",
    why="It is what the service is for.",
    hint="Declare the body as a Pydantic model with a bounded string, and the status in the decorator.",
    question=Question(
        ask="Where would you put the text of the greeting if it had to differ by language?",
        junior="In the code.",
        senior="Weighs configuration, Accept-Language and who translates.",
    ),
)
async def test_people_are_greeted(api: Api, settings: Settings, rng: random.Random) -> None:
    """A name gives 201 and the greeting; no name, an empty, a long one and a number give 422."""
    name = f"{rng.choice(_NAMES)} {rng.randrange(10**6)}"
    wanted = {"text": f"{settings.environment['GREETING']} {name}"}
    reply = (await api.post("/v1/greetings", json={"name": name})).expect_status(201)
    expect(reply.json() == wanted, "The greeting is wrong", expected=str(wanted), actual=reply.describe())
    for bad in ({}, {"name": ""}, {"name": "x" * 101}, {"name": 7}):
        (await api.post("/v1/greetings", json=bad)).expect_status(422)
