"""What is refused, and who notices."""

from __future__ import annotations

from harness.authoring import Claims, NoAnswer, Question, WebSocket, WebSocketClosed, WebSocketRefused, check

from .support.feed import Feed, heard

_MIB = 1024 * 1024
_NONSENSE: dict[str, str | bytes] = {
    "no JSON": "{",
    "an array": "[]",
    "no text": "{}",
    "a number": '{"text": 5}',
    "an empty text": '{"text": ""}',
    "too long a text": '{"text": "' + "x" * 65_537 + '"}',
    "nested 50,000 deep": "[" * 50_000,
    "a binary message": b"\x00\xff",
}


@check(
    "closing",
    skill="errors",
    level="mid",
    after=("rooms",),
    deadline_s=200,
    passed="Strangers are kept out, nonsense is answered, too much closes, and nobody else notices",
    failed="Wrong tokens, nonsense or oversize are not handled as the brief says",
    why="One client's mistake must not end its session without a word, let alone anybody else's.",
    hint="Check the token before accept; validate each message and answer an error frame; close with 1009 above 1 MiB.",
    question=Question(
        ask="Which errors of a client end its WebSocket, which don't, and how does it learn which one it was?",
        junior="All end it.",
        senior="Tells protocol errors from errors in a message, names the codes 1007, 1008, 1009, and keeps the rest "
        "of the room out of it.",
    ),
)
async def test_one_clients_mistakes_are_its_own(feed: Feed) -> None:
    """Wrong tokens; eight kinds of nonsense; more than 1 MiB: each answered as it should be, the peer undisturbed."""
    room = feed.name("room")
    claims = Claims()
    good = feed.token("ada")
    for what, path in (
        ("a wrong signature", f"/v1/rooms/{room}/ws?token={feed.token('ada', 'bob')}"),
        ("no token", f"/v1/rooms/{room}/ws"),
        ("a token without a signature", f"/v1/rooms/{room}/ws?token=ada"),
        ("a room that is none", f"/v1/rooms/No_Room/ws?token={good}"),
    ):
        await _kept_out(claims, feed, what, path)
    async with feed.talk(room, "peer") as peer:
        await feed.joined(peer)
        async with feed.talk(room, "ada") as ada:
            for what, nonsense in _NONSENSE.items():
                await _answered(claims, feed, ada, peer, what, nonsense)
        async with feed.talk(room, "bob") as bob:
            await _too_much(claims, feed, bob, peer)
    claims.partial("Not all mistakes are handled as the brief says", at_most=0.6)


async def _kept_out(claims: Claims, feed: Feed, what: str, path: str) -> None:
    try:
        async with feed.api.websocket(path) as ws:
            code = (await ws.closed()).code
    except WebSocketRefused as refused:
        code = refused.status
    except NoAnswer:
        code = 0
    claims.holds(
        code in (403, 1008),
        f"a WebSocket with {what} is not refused",
        expected="403, or closed with 1008",
        actual=str(code or "it stays open"),
    )


async def _answered(
    claims: Claims, feed: Feed, ada: WebSocket, peer: WebSocket, what: str, nonsense: str | bytes
) -> None:
    """An error frame for Ada; then a good message, which reaches both, and is all that the peer hears."""
    text = feed.text()
    await ada.send(nonsense)
    told = await ada.receive_json()
    claims.holds(
        isinstance(told, dict) and told.get("type") == "error",
        f"{what} is not answered with an error",
        expected='{"type": "error", ...}',
        actual=repr(told)[:200],
    )
    await ada.send_json({"text": text})
    for who, ws in (("who made the mistake", ada), ("the peer", peer)):
        got = await ws.receive_json()
        claims.holds(
            isinstance(got, dict) and got.get("text") == text,
            f"after {what}, {who} gets something else than the next message",
            expected=text,
            actual=repr(got)[:200],
        )


async def _too_much(claims: Claims, feed: Feed, bob: WebSocket, peer: WebSocket) -> None:
    try:
        await bob.send('{"text": "' + "x" * _MIB + '"}')
        code = (await bob.closed()).code
    except WebSocketClosed as closed:
        code = closed.code
    except NoAnswer:
        code = 0
    claims.holds(
        code == 1009,
        "a message of more than 1 MiB does not close the connection with 1009",
        expected="1009",
        actual=str(code or "it stays open"),
    )
    text = feed.text()
    await feed.posted((await _room_of(feed, peer)), text)
    got = await heard(peer)
    claims.holds(got.text == text, "the peer is disturbed by it", expected=text, actual=str(got)[:200])


async def _room_of(feed: Feed, peer: WebSocket) -> str:
    return (await feed.joined(peer)).room
