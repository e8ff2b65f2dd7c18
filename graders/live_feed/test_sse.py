"""Server-sent events."""

from __future__ import annotations

import asyncio

from httpx_sse import ServerSentEvent

from harness.authoring import Api, Claims, Fail, Question, StreamReply, check, expect

from .support.feed import Feed, Message

_KEPT = 1000
_MORE = 40
_MEANWHILE = 120
_TEXTS = (
    "one line",
    "two\nlines",
    "\nempty\n\nlines\n",
    " spaces before",
    "data: colon: id: 5",
    ":comment",
    "ünï ☃ 𝄞",
    "a\u2028b\x85c\x0bd",
)


@check(
    "sse",
    skill="realtime",
    level="senior",
    after=("rooms",),
    visible=True,
    deadline_s=200,
    passed="Events arrive with their ids, and Last-Event-ID goes on without a gap or a double",
    failed="Events are wrong, or are lost when a client comes back",
    why="Connections break all the time; an EventSource that comes back with Last-Event-ID must have missed nothing.",
    hint="Subscribe and copy what is kept in one step without an await; split the text at newlines into data lines.",
    question=Question(
        ask="A client comes back with Last-Event-ID amid publishing. How do you avoid a gap and a double?",
        junior="Send the old ones, then subscribe.",
        senior="Subscribes and takes the snapshot atomically, or subscribes first and drops what the snapshot has; "
        "knows what to do when the id is older than what is kept.",
    ),
)
async def test_events_are_resumed(api: Api, feed: Feed) -> None:
    """Texts of many shapes; a client that comes back amid publishing; the last 1,000 kept; an id that is none."""
    room = feed.name("room")
    claims = Claims()
    last = await _live(claims, feed, room)
    await _resumed(api, feed, room, last)
    await _kept(claims, api, feed)
    await _odd_ids(claims, feed, room)
    path = f"/v1/rooms/{room}/events"
    claims.status(await feed.api.get(path), "events without a token", 401)
    claims.status(await feed.api.get("/v1/rooms/No_Room/events", token=feed.token("ada")), "events of no room", 404)
    claims.partial("Events are not quite as the brief says", at_most=0.8)


async def _live(claims: Claims, feed: Feed, room: str) -> Message:
    async with feed.events(room) as events:
        expect(
            events.status == 200 and events.media_type == "text/event-stream",
            "There is no event stream",
            expected="200 text/event-stream",
            actual=f"{events.status} {events.media_type}",
        )
        message = await feed.posted(room, feed.text())
        _same(message, await _event(events))
        for text in _TEXTS:
            message = await feed.posted(room, text)
            event = await _event(events)
            claims.holds(
                (event.data, event.id, event.event) == (text, str(message.id), "message"),
                f"the text {text!r} arrives changed, or under another id or name",
                expected=f"id {message.id}, event message, data {text!r}",
                actual=f"id {event.id}, event {event.event}, data {event.data!r}",
            )
    return message


async def _event(events: StreamReply) -> ServerSentEvent:
    event = await events.event()
    if event is None:
        raise Fail("An event stream ends by itself", expected="a stream without end", actual="its end").about(
            events.exchange
        )
    return event


def _same(message: Message, event: ServerSentEvent) -> None:
    expect(
        (event.id, event.data) == (str(message.id), message.text),
        "An event is not the message that was published",
        expected=f"id {message.id}, data {message.text!r}",
        actual=f"id {event.id}, data {event.data!r}",
    )


async def _resumed(api: Api, feed: Feed, room: str, last: Message) -> None:
    """Missed messages first, then those that are published while the stream is opened."""
    missed = [await feed.posted(room, feed.text()) for _ in range(_MORE)]

    async def publish() -> list[Message]:
        async with api.fresh() as poster:
            return [await feed.posted(room, feed.text(), api=poster) for _ in range(_MEANWHILE)]

    publishing = asyncio.ensure_future(publish())
    try:
        async with feed.events(room, after=str(last.id)) as events:
            got = [await _event(events) for _ in range(_MORE + _MEANWHILE)]
        wanted = missed + await publishing
    finally:
        publishing.cancel()
        await asyncio.gather(publishing, return_exceptions=True)
    ids = [event.id for event in got]
    expect(
        ids == [str(message.id) for message in wanted],
        "After a resume events are missing, double or out of order",
        expected=f"the ids {wanted[0].id} to {wanted[-1].id}",
        actual=str(ids)[:300],
    )
    for message, event in zip(wanted, got, strict=True):
        _same(message, event)


async def _kept(claims: Claims, api: Api, feed: Feed) -> None:
    room = feed.name("room")
    async with api.fresh() as poster, feed.talk(room, "ada", api=poster) as ada:
        for n in range(_KEPT + _MORE):
            await ada.send_json({"text": f"message {n}"})
        total = (await feed.joined(ada)).id
    async with feed.events(room, after=str(total - _KEPT)) as events:
        ids = [int((await _event(events)).id or 0) for _ in range(_KEPT)]
    claims.holds(
        ids == list(range(total - _KEPT + 1, total + 1)),
        "the last 1,000 messages are not all kept",
        expected=f"the ids {total - _KEPT + 1} to {total}",
        actual=f"{len(ids)} from {ids[0]} to {ids[-1]}",
    )


async def _odd_ids(claims: Claims, feed: Feed, room: str) -> None:
    for odd in ("abc", "1; 2", "9" * 30, "-1"):
        async with feed.events(room, after=odd) as events:
            if not claims.holds(
                events.status == 200, f"Last-Event-ID: {odd} is refused", expected="200", actual=str(events.status)
            ):
                continue
            # What is no id of the room may be taken for one beyond its end: only what is new has to come.
            message = await feed.posted(room, feed.text())
            if odd == "9" * 30:
                continue
            while (event := await _event(events)).id != str(message.id):
                if not claims.holds(odd == "-1", f"Last-Event-ID: {odd} brings old messages", actual=f"id {event.id}"):
                    break
