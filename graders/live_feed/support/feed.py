"""Feed: the service as a client of the brief sees it."""

from __future__ import annotations

import hashlib
import hmac
import random
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

from harness.authoring import Api, Fail, Reply, Settings, StreamReply, WebSocket, expect

_LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True)
class Message:
    """A message of a room, as everybody gets it."""

    id: int
    room: str
    user: str
    text: str


def message_of(value: Any, what: str) -> Message:  # noqa: ANN401 - any JSON value
    """Read a message.

    Raises:
        Fail: it is none.
    """
    if isinstance(value, dict):
        id_, room, user, text = (value.get(name) for name in ("id", "room", "user", "text"))
        if type(id_) is int and isinstance(room, str) and isinstance(user, str) and isinstance(text, str):
            return Message(id_, room, user, text)
    raise Fail(f"{what} is no message", expected="id, room, user and text", actual=repr(value)[:300])


class Feed:
    """Tokens, rooms and the calls of the brief."""

    def __init__(self, api: Api, settings: Settings, rng: random.Random) -> None:
        self.api = api
        self.rng = rng
        self._key = settings.environment["SECRET_KEY"].encode()

    def name(self, prefix: str) -> str:
        """A name that nothing else in this run has."""
        return f"{prefix}-{''.join(self.rng.choices(_LETTERS, k=10))}"

    def token(self, user: str, signed_as: str | None = None) -> str:
        """The token of a user; with `signed_as`, a forged one."""
        signature = hmac.new(self._key, (signed_as or user).encode(), hashlib.sha256).hexdigest()
        return f"{user}.{signature}"

    def text(self) -> str:
        """A text that nothing else in this run has."""
        return f"Grüße {self.rng.getrandbits(64):016x}"

    def talk(
        self,
        room: str,
        user: str,
        *,
        api: Api | None = None,
        receive_buffer: int | None = None,
        deadline_s: float = 25,
    ) -> AbstractAsyncContextManager[WebSocket]:
        """A WebSocket in a room."""
        return (api or self.api).websocket(
            f"/v1/rooms/{room}/ws?token={self.token(user)}", receive_buffer=receive_buffer, deadline_s=deadline_s
        )

    def events(
        self, room: str, user: str = "reader", *, after: str | None = None, api: Api | None = None
    ) -> AbstractAsyncContextManager[StreamReply]:
        """The event stream of a room."""
        headers = {"Accept": "text/event-stream"} | ({} if after is None else {"Last-Event-ID": after})
        return (api or self.api).stream("GET", f"/v1/rooms/{room}/events", token=self.token(user), headers=headers)

    async def post(self, room: str, text: object, user: str = "poster", *, api: Api | None = None) -> Reply:
        """POST a message, whatever becomes of it."""
        return await (api or self.api).post(
            f"/v1/rooms/{room}/messages", json={"text": text}, token=self.token(user), deadline_s=60
        )

    async def posted(self, room: str, text: str, user: str = "poster", *, api: Api | None = None) -> Message:
        """POST a message that has to be taken."""
        reply = await self.post(room, text, user, api=api)
        return message_of(reply.expect_status(201).json(), "The answer to a POST")

    async def joined(self, ws: WebSocket) -> Message:
        """Say something and wait until it comes back: from then on this client is there for everybody."""
        text = self.text()
        await ws.send_json({"text": text})
        while True:
            message = await heard(ws)
            if message.text == text:
                return message

    async def open_ones(self, kind: str) -> int:
        """What /stats says of `websockets` or `streams`."""
        reply = (await self.api.get("/stats")).expect_status(200)
        value = reply.json()
        count = value.get(kind) if isinstance(value, dict) else None
        expect(type(count) is int, f"/stats doesn't tell {kind}", expected="a number", actual=reply.describe())
        assert isinstance(count, int)
        return count


async def heard(ws: WebSocket, deadline_s: float = 25) -> Message:
    """The next frame, which has to be a message."""
    value = await ws.receive_json(deadline_s)
    if not isinstance(value, dict) or value.get("type") != "message":
        raise Fail("A frame is no message", expected='{"type": "message", ...}', actual=repr(value)[:300]).about(
            ws.exchange
        )
    return message_of(value, "A frame")


async def heard_until(ws: WebSocket, text: str) -> list[Message]:
    """All messages up to the one with this text, that one included."""
    found = [await heard(ws)]
    while found[-1].text != text:
        found.append(await heard(ws))
    return found
