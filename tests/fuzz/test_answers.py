"""Whatever a service answers: it is read, or is the submission's failure; never a bug of the grader's."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import socket
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.authoring.api import Api
from harness.authoring.outcomes import Fail
from harness.authoring.redact import Redactor
from harness.authoring.reply import Reply
from harness.authoring.websocket import WebSocket
from harness.prober.result import frame_of, passed, result_of
from tests.fuzz.examples import examples

pytestmark = pytest.mark.extended

_T = TypeVar("_T")
_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
# Long enough for any machine: what is answered here is answered at once, or the connection ends.
_DEADLINE_S = 60.0

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
)
PROBLEM = st.dictionaries(st.sampled_from(["type", "title", "status", "detail", "errors"]), JSON)
BODY = (
    (JSON | PROBLEM).map(lambda value: json.dumps(value).encode())
    | st.binary(max_size=200)
    | st.sampled_from(
        [b"", b"[" * 20_000, b'{"a":' * 3_000, b"1" * 5_000, b"1e999", b"NaN", b'"\\ud800"', b"\xef\xbb\xbf{}"]
    )
    | st.sampled_from(["[1]", '{"é": "\u202e"}']).map(lambda text: text.encode("utf-16"))
)
NAMES = st.sampled_from(
    [
        b"Content-Type",
        b"Content-Length",
        b"Transfer-Encoding",
        b"Location",
        b"Set-Cookie",
        b"Content-Encoding",
        b"Connection",
        b"Upgrade",
        b"ETag",
        b"Link",
        b"Retry-After",
        b"Date",
        b"",
        b"X\x00Y",
        b"Content-Type ",
    ]
)
VALUES = st.binary(max_size=30) | st.sampled_from(
    [
        b"application/problem+json; charset=utf-8",
        b"application/json",
        b"text/event-stream",
        b"chunked",
        b"gzip",
        b"0",
        b"-1",
        b"5, 6",
        b"99999999999999999999",
        b"http://[::1",
        b"//elsewhere",
        b"a=b; Domain=.; Path=/; Max-Age=x",
        b"identity, chunked",
        b"close",
        b"websocket",
        b"\xff\xfe",
        b'<a>; rel="next',
        b"\t",
    ]
)
STATUS = st.sampled_from(
    [b"200 OK", b"404 Not Found", b"204 No Content", b"304 X", b"100 Continue", b"103 Early Hints"]
)
STATUS |= st.sampled_from(
    [b"101 Switching Protocols", b"999 ?", b"99 low", b"", b"200", b"-1 x", b"200 \xff\xff", b"1e3 x"]
)
VERSION = st.sampled_from([b"HTTP/1.1", b"HTTP/1.1", b"HTTP/1.0", b"HTTP/2", b"http/1.1", b"HTTP/1.1 ", b""])
PIECES = st.lists(st.binary(max_size=60), max_size=4)
LINES = (
    b"data: 1\n\n",
    b"event: x\ndata: {}\n\n",
    b"id: \x00\ndata:\n\n",
    b"retry: a\n",
    b":\n",
    b"data: \xff\r\r",
    b"\n\n",
)


@st.composite
def answers(draw: st.DrawFn) -> bytes:
    """An answer that is right, or wrong in a place or two."""
    body = draw(BODY)
    headers = draw(st.lists(st.tuples(NAMES, VALUES), max_size=4))
    if draw(st.booleans()):
        headers.append((b"Content-Length", str(len(body)).encode()))
    elif draw(st.booleans()):
        headers.append((b"Transfer-Encoding", b"chunked"))
        size = draw(st.sampled_from([b"%x" % len(body), b"-1", b"zz", b"f" * 20, b"%x;x=\xff" % len(body)]))
        body = size + b"\r\n" + body + draw(st.sampled_from([b"\r\n0\r\n\r\n", b"\r\n0\r\nA: b\r\n\r\n", b""]))
    end = draw(st.sampled_from([b"\r\n", b"\r\n", b"\n"]))
    head = draw(VERSION) + b" " + draw(STATUS) + end + b"".join(name + b": " + value + end for name, value in headers)
    whole = head + end + body
    return whole[: draw(st.integers(0, len(whole)))] if draw(st.integers(0, 4)) == 0 else whole


async def _served(answer: Callable[[bytes], Iterable[bytes]], use: Callable[[Api], Awaitable[_T]]) -> _T:
    """`use` a client of a server that says `answer(request's head)` and hangs up."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            head = await reader.readuntil(b"\r\n\r\n")
            for piece in answer(head):
                writer.write(piece)
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, family=socket.AF_INET)
    async with server, Api(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}") as api:
        return await use(api)


def _judged(use: Callable[[Api], Awaitable[None]], answer: Callable[[bytes], Iterable[bytes]]) -> None:
    """What `use` sees ends as a pass or as the submission's failure, and its frame can be sent."""

    async def tried(api: Api) -> None:
        try:
            await use(api)
            result = passed("read")
        except Exception as error:  # noqa: BLE001 - the property: of whatever kind it is
            result = result_of(error)
        assert result.fault in (None, "submission"), result.reason
        shown = [exchange.shown(Redactor()) for exchange in api._transcript.exchanges()]
        json.dumps(frame_of("fuzz", result, {"transcript": shown}, 0.0, Redactor()), allow_nan=False).encode()

    asyncio.run(_served(answer, tried))


def _read(reply: Reply) -> None:
    """All that a check may ask of an answer; each is there, or a failure."""
    asked: list[Callable[[], object]] = [reply.json, reply.describe, lambda: reply.expect_status(200)]
    asked += [
        lambda: reply.expect_problem(404),
        lambda: reply.text,
        lambda: reply.media_type,
        lambda: dict(reply.headers),
    ]
    for ask in asked:
        with suppress(Fail):
            ask()


@examples(150)
@given(answer=answers())
def test_an_answer_is_read_or_is_the_submissions_failure(answer: bytes) -> None:
    async def use(api: Api) -> None:
        _read(await api.get("/", deadline_s=_DEADLINE_S))

    _judged(use, lambda _head: [answer])


@examples(60)
@given(lines=st.lists(st.sampled_from(LINES) | st.binary(max_size=40), max_size=6), chunked=st.booleans())
def test_a_stream_of_events_is_read_or_is_the_submissions_failure(lines: list[bytes], chunked: bool) -> None:
    async def use(api: Api) -> None:
        async with api.stream("GET", "/", deadline_s=_DEADLINE_S) as events:
            while await events.event(_DEADLINE_S) is not None:
                pass

    def answer(_head: bytes) -> list[bytes]:
        how = b"Transfer-Encoding: chunked\r\n" if chunked else b""
        pieces = [b"%x\r\n%s\r\n" % (len(line), line) for line in lines if line] if chunked else lines
        return [b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n" + how + b"\r\n", *pieces]

    _judged(use, answer)


@examples(100)
@given(frames=PIECES, opcode=st.integers(0, 255), length=st.integers(0, 127), close=st.binary(max_size=20))
def test_a_websockets_frames_are_read_or_are_the_submissions_failure(
    frames: list[bytes], opcode: int, length: int, close: bytes
) -> None:
    async def listen(ws: WebSocket) -> None:
        for _ in range(20):
            await ws.receive_json(_DEADLINE_S)

    async def use(api: Api) -> None:
        async with api.websocket("/ws", deadline_s=_DEADLINE_S) as ws:
            await listen(ws)

    def answer(head: bytes) -> list[bytes]:
        key = next(
            line.split(b":", 1)[1].strip()
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"sec-websocket-key")
        )
        accept = base64.b64encode(hashlib.sha1(key + _GUID).digest())  # RFC 6455, 1.3
        hello = (
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
        )
        said = [bytes([0x81, len(frame)]) + frame for frame in frames] + [bytes([opcode, length]), close]
        return [hello + accept + b"\r\n\r\n", *said, bytes([0x88, len(close)]) + close]

    _judged(use, answer)


@examples(60)
@given(answer=answers())
def test_a_handshakes_answer_is_read_or_is_the_submissions_failure(answer: bytes) -> None:
    async def use(api: Api) -> None:
        async with api.websocket("/ws", deadline_s=_DEADLINE_S) as ws:
            await ws.closed(_DEADLINE_S)

    _judged(use, lambda _head: [answer])
