"""One check for each way that bytes of a stranger come in: an answer, a row, a call, a socket."""

from __future__ import annotations

import random
from contextlib import suppress

from harness.authoring import (
    Api,
    CapacityGate,
    Database,
    Evidence,
    Fail,
    Lifecycle,
    StubAnswer,
    check,
    expect,
)

# Nobody but the prober may ever read this.
HIDDEN = "grader-secret-5f1c9a"


def _word(rng: random.Random) -> str:
    return f"w{rng.randrange(10**9)}"


@check(
    "alive",
    skill="craft",
    level="junior",
    passed="It lives",
    failed="It doesn't live",
    why="Nothing works without it.",
    hint="Serve GET /healthz.",
    deadline_s=60,
)
async def test_it_lives(api: Api) -> None:
    """GET /healthz is 200."""
    (await api.get("/healthz")).expect_status(200)


@check(
    "greeting",
    skill="api-design",
    level="junior",
    passed="It greets",
    failed="It doesn't greet",
    why="It was asked for.",
    deadline_s=60,
)
async def test_it_greets(api: Api, rng: random.Random) -> None:
    """A name that nobody knows beforehand is greeted.

    A service that doesn't greet is asked again, so that it can show each wrong answer that it has.
    """
    try:
        for _ in range(3):
            name = _word(rng)
            reply = (await api.get("/v1/greeting", params={"name": name}, deadline_s=10)).expect_status(200)
            expect(reply.json() == {"greeting": f"hello {name}"}, "The greeting is wrong", actual=reply.describe())
    except Fail:
        for _ in range(8):
            with suppress(Fail):
                await api.get("/v1/greeting", params={"name": _word(rng)}, deadline_s=2)
        raise


@check(
    "notes",
    skill="data",
    level="mid",
    passed="Notes are kept",
    failed="Notes are not kept",
    why="It was asked for.",
    deadline_s=60,
)
async def test_notes_are_kept(api: Api, database: Database, rng: random.Random) -> None:
    """A note is a row of the service's own table."""
    text = _word(rng)
    (await api.post("/v1/notes", json={"text": text}, deadline_s=10)).expect_status(201)
    async with database.connect() as connection:
        kept = await connection.fetchval("SELECT count(*) FROM notes WHERE text = $1", text)
    expect(kept == 1, "The note is not in the table", expected="1 row", actual=f"{kept} rows")


@check(
    "quotes",
    skill="async",
    level="mid",
    passed="Quotes are asked for",
    failed="Quotes are not asked for",
    why="It was asked for.",
    deadline_s=60,
)
async def test_quotes_come_from_upstream(api: Api, gate: CapacityGate, rng: random.Random) -> None:
    """A quote is what the upstream says, asked once."""
    text = _word(rng)
    gate.respond = lambda _request: StubAnswer(200, {"content-type": "text/plain"}, text.encode())
    reply = (await api.get("/v1/quote", deadline_s=10)).expect_status(200)
    expect(reply.json() == {"quote": text}, "It is not what the upstream said", actual=reply.describe())
    expect(len(gate.requests) == 1, "The upstream was not asked once", actual=str(len(gate.requests)))


@check(
    "echo",
    skill="realtime",
    level="mid",
    passed="It echoes",
    failed="It doesn't echo",
    why="It was asked for.",
    deadline_s=60,
)
async def test_it_echoes(api: Api, rng: random.Random) -> None:
    """What is sent comes back."""
    text = _word(rng)
    async with api.websocket("/ws") as socket:
        await socket.send(text, deadline_s=10)
        expect(await socket.receive(deadline_s=10) == text, "Something else came back")


@check(
    "trace",
    skill="craft",
    level="junior",
    passed="The traces of attacks are kept",
    failed="The traces of attacks are not kept",
    why="The tests look for them.",
    deadline_s=60,
)
async def test_traces_are_kept(pod: Lifecycle, evidence: Evidence) -> None:
    """What attacks have printed about themselves becomes evidence; a service that asks for SIGTERM gets it.

    It never fails: a service that prints no trace is no worse for it.
    """
    traces = await _read_traces(pod)
    if "expects SIGTERM" in traces:
        stopped = await pod.stop("candidate", grace_s=2)
        evidence.number("SIGTERM", "killed 2 s later" if stopped.killed else f"exit code {stopped.exit_code}")
        traces = await _read_traces(pod)
    for number, text in enumerate(traces[-40:], 1):
        evidence.number(f"trace {number}", text)


async def _read_traces(pod: Lifecycle) -> list[str]:
    """The traces in the service's log, each without its mark and cut to 300 characters."""
    lines = await pod.logs("candidate", tail=300)
    return [line.partition("TRACE ")[2][:300] for line in lines if "TRACE " in line]
