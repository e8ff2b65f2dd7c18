"""SIGTERM."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, suppress

from harness.authoring import (
    Api,
    CapacityGate,
    Claims,
    Lifecycle,
    NoAnswer,
    Question,
    StreamReply,
    StubStream,
    WebSocket,
    check,
)

from .support.feed import Feed

# Three times what the brief gives.
_END_S = 30.0
_CODES = (1001, 1012)


@check(
    "shutdown",
    skill="resilience",
    level="senior",
    after=("rooms",),
    explained_by=("swallowed-cancellation", "dangling-task"),
    deadline_s=200,
    passed="SIGTERM tells every client, and the process ends",
    failed="SIGTERM leaves clients without a word, or endless streams keep the process alive",
    why="Every deployment ends all connections: clients that are told come back at once, what hangs is killed.",
    hint="uvicorn waits for responses to end before it tells the lifespan: note the signal and end the streams.",
    question=Question(
        ask="Your service has 5,000 open streams and gets SIGTERM. What happens, in which order?",
        junior="It stops.",
        senior="Stops accepting, tells clients, ends streams, waits with a limit; knows that the server waits for "
        "streams first, and spreads the reconnects.",
    ),
)
async def test_sigterm_ends_everything(api: Api, feed: Feed, pod: Lifecycle, source: CapacityGate) -> None:
    """Three WebSockets, an event stream and an export are open: 1001 or 1012, both end, and so does the process."""
    room = feed.name("room")
    stream = StubStream(headers={"Content-Type": "application/x-ndjson"})
    source.respond = lambda _request: stream
    claims = Claims()
    async with AsyncExitStack() as stack:
        sockets = [await stack.enter_async_context(feed.talk(room, f"user-{n}")) for n in range(3)]
        for ws in sockets:
            await feed.joined(ws)
        clients = await stack.enter_async_context(api.fresh())
        events = await stack.enter_async_context(feed.events(room, api=clients))
        streams = {"an event stream": events}
        # Whether there is an export is the matter of another check.
        with suppress(NoAnswer):
            export = await stack.enter_async_context(clients.stream("GET", "/v1/export", token=feed.token("ada")))
            streams["an export"] = export
        await pod.signal("candidate", "SIGTERM")
        codes = await asyncio.gather(*(_code(ws) for ws in sockets))
        claims.holds(
            all(code in _CODES for code in codes),
            "a WebSocket is not closed with 1001 or 1012",
            expected="1001 or 1012",
            actual=f"{[code or 'not closed' for code in codes]}",
        )
        for what, reply in streams.items():
            claims.holds(await _ends(reply), f"{what} does not end", expected="its end", actual="it stays open")
        claims.holds(
            await _exits(pod), "the process does not end", expected="an exit", actual=f"it runs after {_END_S:g} s"
        )
    claims.partial("SIGTERM is not handled as the brief says", at_most=0.5)


async def _code(ws: WebSocket) -> int:
    try:
        return (await ws.closed(_END_S)).code
    except NoAnswer:
        return 0


async def _ends(reply: StreamReply) -> bool:
    """Whether a stream ends, in whatever way, and doesn't only fall silent."""
    try:
        async with asyncio.timeout(_END_S):
            while await reply.read(_END_S * 2):
                pass
    except TimeoutError:
        return False
    except NoAnswer:
        return True
    return True


async def _exits(pod: Lifecycle) -> bool:
    loop = asyncio.get_running_loop()
    limit = loop.time() + _END_S
    while loop.time() < limit:
        if not (await pod.state("candidate")).running:
            return True
        await asyncio.sleep(0.1)
    return False
