"""Talking in rooms."""

from __future__ import annotations

from harness.authoring import Claims, Question, WebSocket, check, expect

from .support.feed import Feed, Message, heard

_LONGEST = 65_536


@check(
    "rooms",
    skill="realtime",
    level="junior",
    deadline_s=150,
    passed="What is said in a room reaches everybody who is there",
    failed="What is said in a room does not reach everybody who is there",
    why="It is what the service is for; every other check needs it.",
    hint="Register a connection before it is accepted, and pass each message to every connection of its room.",
    question=Question(
        ask="When exactly does a client of yours begin to get messages, and what could it miss around that moment?",
        junior="When it is connected.",
        senior="Names the order of registering, accepting and reading, and what an await in between would lose.",
    ),
)
async def test_messages_reach_the_room(feed: Feed) -> None:
    """Posted and sent messages reach both clients, numbered; a later client gets nothing older; bad ones: 422."""
    room = feed.name("room")
    claims = Claims()
    async with feed.talk(room, "ada") as ada, feed.talk(room, "bob") as bob:
        first = await feed.joined(ada)
        expect(first.id in (1, 2), "The first message is not number 1", expected="1", actual=str(first.id))
        await feed.joined(bob)
        posted = await _posted(feed, room, ada, bob)
        text = feed.text()
        await bob.send_json({"text": text})
        wanted = Message(posted.id + 1, room, "bob", text)
        await _reaches(wanted, ada, bob)
        async with feed.talk(room, "eve") as eve:
            hello = await _first_of(feed, eve)
            claims.holds(
                hello.id == wanted.id + 1,
                "a new client gets what was said before it came",
                expected=f"first its own message, number {wanted.id + 1}",
                actual=f"first {hello}",
            )
        longest = await feed.posted(room, "é" * _LONGEST)
        claims.holds(longest.text == "é" * _LONGEST, "a text of 65,536 characters is changed")
    await _refused(claims, feed, room)
    claims.partial("Rooms are not quite as the brief says", at_most=0.8)


async def _posted(feed: Feed, room: str, ada: WebSocket, bob: WebSocket) -> Message:
    text = feed.text()
    posted = await feed.posted(room, text, "carl")
    expect(
        (posted.room, posted.user, posted.text) == (room, "carl", text),
        "The answer to a POST is not what was posted",
        expected=f"{room}, carl, {text}",
        actual=str(posted),
    )
    # Ada heard Bob come in.
    while (message := await heard(ada)).text != text:
        expect(message.user == "bob", "A message of nobody", expected="Bob's first one", actual=str(message))
    expect(message == posted, "A POSTed message arrives changed", expected=str(posted), actual=str(message))
    await _reaches(posted, bob)
    return posted


async def _reaches(wanted: Message, *clients: WebSocket) -> None:
    for client in clients:
        got = await heard(client)
        expect(got == wanted, "A message arrives changed, or another one does", expected=str(wanted), actual=str(got))


async def _first_of(feed: Feed, ws: WebSocket) -> Message:
    await ws.send_json({"text": feed.text()})
    return await heard(ws)


async def _refused(claims: Claims, feed: Feed, room: str) -> None:
    for what, text in (("no string", 7), ("empty", ""), ("null", None), ("too long", "x" * (_LONGEST + 1))):
        claims.status(await feed.post(room, text), f"a POST of a text that is {what}", 422)
    path = f"/v1/rooms/{room}/messages"
    claims.status(await feed.api.post(path, json={}, token=feed.token("ada")), "a POST without a text", 422)
    body = {"text": feed.text()}
    claims.status(await feed.api.post(path, json=body), "a POST without a token", 401)
    claims.status(await feed.api.post(path, json=body, token="ada"), "a token without a signature", 401)
    claims.status(
        await feed.api.post(path, json=body, token=feed.token("ada", "bob")), "somebody else's signature", 401
    )
    claims.status(await feed.post("No_Room", feed.text()), "a POST to what is no room", 404)
