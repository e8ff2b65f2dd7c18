"""Many who listen. The last suite by its name: a service has forgotten 10,000 clients only after a while."""

from __future__ import annotations

import resource
import sys

from harness.authoring import Api, Crowd, Evidence, Fail, Inconclusive, Partial, Question, Settings, check

from .support.feed import Feed

# What each rung of the ladder is worth.
_RUNGS = {100: 0.2, 1000: 0.5, 5000: 0.8, 10000: 1.0}
_MOST = max(_RUNGS)
# As far as it climbs while another check is under proof.
_QUICK = 1000
# What a process has open besides its clients.
_SPARE = 22


@check(
    "idle-capacity",
    skill="performance",
    level="senior",
    after=("rooms",),
    deadline_s=300,
    passed="10,000 clients listen, and a message reaches all of them",
    failed="Fewer than 10,000 clients can listen at a time",
    why="Most connections of a real-time service are idle: what each costs decides how many there can be.",
    hint="No thread per connection, no polling task per connection, no limit on the way that is lower.",
    question=Question(
        ask="What does one idle WebSocket cost in your service, and what limits their number first?",
        junior="Nothing while it is idle.",
        senior="Tasks, buffers, file descriptors and pings; knows the limit of each and has measured one.",
    ),
)
async def test_ten_thousand_listen(api: Api, feed: Feed, settings: Settings, evidence: Evidence) -> None:
    """100, 1,000, 5,000, then 10,000 WebSockets in one room: /healthz answers and one message reaches everybody."""
    files = _files()
    most = _MOST if settings.in_full("idle-capacity") else _QUICK
    reached, trouble = 0, ""
    async with api.crowd() as crowd:
        try:
            for rung in (rung for rung in _RUNGS if rung <= most and rung + _SPARE <= files):
                await _climb(api, feed, crowd, rung)
                reached = rung
        except Fail as error:
            trouble = f"{error.summary}; {error.actual}"
    evidence.number("clients that listened and heard", reached)
    if not reached:
        raise Fail("Not even 100 clients can listen at a time", expected="10,000", actual=trouble)
    if not trouble and reached < most:
        raise Inconclusive(f"a process may open only {files} files here, so no more than {reached} clients were tried")
    if reached < most:
        raise Partial(
            _RUNGS[reached], f"{reached:,} clients can listen, 10,000 can't", expected="10,000 clients", actual=trouble
        )


async def _climb(api: Api, feed: Feed, crowd: Crowd, rung: int) -> None:
    room = "the-whole-crowd"
    users = range(len(crowd), rung)
    await crowd.open([f"/v1/rooms/{room}/ws?token={feed.token(f'user-{user}')}" for user in users])
    (await api.get("/healthz")).expect_status(200)
    text = feed.name("all")
    await feed.posted(room, text)
    heard = await crowd.heard(lambda message: text.encode() in message)
    if heard < rung or len(crowd) < rung:
        raise Fail(
            f"With {rung:,} clients a message doesn't reach everybody",
            expected=f"{rung:,} hear it and stay",
            actual=f"{heard:,} heard it, {rung - len(crowd):,} were disconnected",
        )


def _files() -> int:
    """How many files the service may open, as far as can be told: as many as we may."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return sys.maxsize if soft == resource.RLIM_INFINITY else soft
