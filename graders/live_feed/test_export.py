"""The export: a stream that is passed on."""

from __future__ import annotations

import asyncio
import json
import zlib

from harness.authoring import (
    Api,
    CapacityGate,
    Claims,
    Question,
    StreamReply,
    StubRequest,
    StubStream,
    check,
    expect,
)

from .support.feed import Feed

_LINES = 12
_NDJSON = {"Content-Type": "application/x-ndjson"}
_LONG = 200_000
_SILENT_S = 6.0
_GONE_S = 60.0


@check(
    "streamed-export",
    skill="async",
    level="mid",
    after=("rooms",),
    visible=True,
    deadline_s=150,
    passed="The export passes each line on as it comes",
    failed="The export collects before it sends",
    why="What is buffered arrives late, or never when the source goes on for ever; and it fills the memory.",
    hint="StreamingResponse over an async generator that reads the source with client.stream and aiter_bytes.",
    question=Question(
        ask="What stands between a generator of yours and the client, and what of it can hold back a line?",
        junior="Nothing, it streams.",
        senior="Goes through middleware that buffers or compresses, the server's write buffer, proxies; and says what "
        "back pressure does to the source.",
    ),
)
async def test_lines_are_passed_on_as_they_come(api: Api, feed: Feed, source: CapacityGate) -> None:
    """Line n+1 is given only when line n has arrived, plain and with gzip allowed; a source in trouble is a 502."""
    await _line_by_line(feed, source, "identity")
    await _line_by_line(feed, source, "gzip")
    claims = Claims()
    claims.status(await api.get("/v1/export"), "an export without a token", 401)
    token = feed.token("ada")
    source.respond = lambda _request: (503, {}, b"")
    claims.status(await api.get("/v1/export", token=token), "a source that answers 503", 502)
    source.respond = lambda _request: None
    claims.status(await api.get("/v1/export", token=token), "a source that hangs up", 502)
    claims.partial("The export is not quite as the brief says", at_most=0.8)


def _streaming(source: CapacityGate) -> StubStream:
    stream = StubStream(headers=_NDJSON)

    def respond(request: StubRequest) -> tuple[int, dict[str, str], bytes] | StubStream:
        return stream if (request.method, request.path) == ("GET", "/events") else (404, {}, b"")

    source.respond = respond
    return stream


async def _line_by_line(feed: Feed, source: CapacityGate, coding: str) -> None:
    stream = _streaming(source)
    headers = {"Accept-Encoding": coding}
    async with feed.api.stream("GET", "/v1/export", token=feed.token("ada"), headers=headers) as reply:
        expect(
            reply.status == 200 and reply.media_type == "application/x-ndjson",
            "There is no export",
            expected="200 application/x-ndjson",
            actual=f"{reply.status} {reply.media_type}",
        )
        reader = _Lines(reply)
        lines = [json.dumps({"n": n, "text": feed.text()}, ensure_ascii=False).encode() for n in range(_LINES)]
        lines.append(json.dumps({"long": "x" * _LONG}).encode())
        # Ends of lines to some libraries, and not to JSON.
        lines.append('{"odd":\t"\u2028 \u2029 \x85"}'.encode())
        for number, line in enumerate(lines):
            # A source may be silent for longer than a client's usual time-out, and cuts where it likes.
            await asyncio.sleep(_SILENT_S if number == 1 and coding == "identity" else 0)
            cut = line.find(b"\xc3") + 1
            for piece in (line[:cut], line[cut:] + b"\n"):
                stream.send(piece)
            got = await reader.line()
            expect(
                got == line,
                "A line of the export is changed",
                expected=repr(line[:200]),
                actual=repr(got[:200]),
            )
        stream.end()
        expect(await reader.line() == b"", "The export does not end with its source", expected="the end")


class _Lines:
    """Lines of a stream as soon as they are complete, whatever its content coding."""

    def __init__(self, reply: StreamReply) -> None:
        self._reply = reply
        self._kept = b""
        coding = reply.headers.get("content-encoding", "identity")
        expect(coding in ("identity", "gzip"), "The export is coded in a way that was not asked for", actual=coding)
        self._unpack = zlib.decompressobj(31) if coding == "gzip" else None

    async def line(self) -> bytes:
        """The next line without its end; empty at the end."""
        while b"\n" not in self._kept:
            piece = await self._reply.read()
            if not piece:
                return self._kept
            self._kept += self._unpack.decompress(piece) if self._unpack else piece
        line, _, self._kept = self._kept.partition(b"\n")
        return line


@check(
    "export-hang-up",
    skill="async",
    level="senior",
    after=("rooms", "streamed-export"),
    explained_by=("swallowed-cancellation", "dangling-task"),
    deadline_s=150,
    passed="When the client of an export leaves, so does the service at the source",
    failed="The source is read on for a client that is gone",
    why="Streams that nobody reads pile up until the source or the memory gives in.",
    hint="Read the source inside the response's generator and close it in a finally: cancelling one ends the other.",
    question=Question(
        ask="How does your service learn that the client of a silent stream is gone?",
        junior="The next send fails.",
        senior="Knows that a silent stream sends nothing: somebody must wait for http.disconnect and cancel the rest.",
    ),
)
async def test_the_source_is_left_with_the_client(api: Api, feed: Feed, source: CapacityGate) -> None:
    """The client hangs up while the source is silent: the connection to the source ends, too."""
    stream = _streaming(source)
    async with api.fresh() as client, client.stream("GET", "/v1/export", token=feed.token("ada")) as reply:
        stream.send(b'{"n": 1}\n')
        expect(await reply.read(), "The export gives nothing", expected="a line")
    loop = asyncio.get_running_loop()
    limit = loop.time() + _GONE_S
    while not stream.gone and loop.time() < limit:  # noqa: ASYNC110 - it comes from a thread
        await asyncio.sleep(0.05)
    expect(
        stream.gone,
        "The source is still being read after the client has left",
        expected="the connection to the source ends",
        actual=f"still open after {_GONE_S:g} s",
    )
