"""The client of the checks: what it sends, and what it makes of answers that mean harm."""

from __future__ import annotations

import asyncio
import gzip
import json
import threading
import time
import tracemalloc
from contextlib import suppress
from typing import Any

import pytest

from harness.authoring import Api, Fail, NoAnswer, Reply
from harness.authoring.transcript import Transcript
from tests.prober.host import free_port
from tests.prober.hostile import OK, forever, hostile, with_body

CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"


def get(base_url: str, path: str = "/x", transcript: Transcript | None = None, **how: Any) -> Reply:
    async def call() -> Reply:
        async with Api(base_url, transcript) as api:
            return await api.request(how.pop("method", "GET"), path, **how)

    return asyncio.run(call())


def silence(base_url: str, deadline_s: float = 20.0) -> NoAnswer:
    with pytest.raises(NoAnswer) as caught:
        get(base_url, deadline_s=deadline_s)
    return caught.value


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(forever(OK + b"Content-Length: 99999\r\n\r\n", b"a", 0.05), id="body"),
        pytest.param(forever(OK, b"X-A: b\r\n", 0.05), id="headers"),
        pytest.param(forever(b"H", b"", 0.05), id="status line"),
        pytest.param(forever(b"", b"HTTP/1.1 100 Continue\r\n\r\n", 0.01), id="1xx"),
        pytest.param(forever(CHUNKED, b"1\r\na\r\n", 0.05), id="chunks"),
    ],
)
def test_what_drips_is_cut_off_at_the_deadline(answer: Any) -> None:
    start = time.monotonic()
    with hostile(answer) as server:
        silence(server.base_url, deadline_s=1.0)
    assert 0.9 < time.monotonic() - start < 15


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(forever(CHUNKED, b"10000\r\n" + b"a" * 65536 + b"\r\n"), id="body"),
        pytest.param(forever(OK, b"X-Header: value\r\n" * 100), id="headers"),
        pytest.param(forever(OK + b"X-A: ", b"a" * 10000), id="one header"),
        pytest.param(forever(OK + b"Content-Length: 999999999\r\n\r\n", b"a" * 65536), id="announced body"),
    ],
)
def test_what_has_no_end_is_cut_off_by_its_size(answer: Any) -> None:
    tracemalloc.start()
    with hostile(answer) as server:
        silence(server.base_url)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 64 * 1024 * 1024


def test_a_flood_of_interim_answers_ends_at_the_deadline() -> None:
    with hostile(forever(b"", b"HTTP/1.1 102 Processing\r\n\r\n" * 200)) as server:
        silence(server.base_url, deadline_s=1.0)


def test_a_compressed_body_is_never_unpacked() -> None:
    bomb = gzip.compress(bytes(50_000_000))
    with hostile(with_body(bomb, b"Content-Encoding: gzip\r\n")) as server:
        reply = get(server.base_url)
    assert reply.body == bomb
    assert b"accept-encoding: identity" in server.received[0].lower()


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"hello\r\n\r\n", id="no HTTP"),
        pytest.param(OK + b"Content-Length: 10\r\n\r\nabc", id="short body"),
        pytest.param(OK + b"Content-Length: ten\r\n\r\n", id="bad length"),
        pytest.param(OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", id="bad chunk"),
        pytest.param(b"HTTP/1.1 999999 OK\r\n\r\n", id="bad status"),
        pytest.param(OK + b"X: \x00\r\n\r\n", id="NUL in a header"),
    ],
)
def test_what_is_no_complete_answer_is_no_answer(answer: bytes) -> None:
    with hostile(answer) as server:
        assert isinstance(silence(server.base_url), Fail)


def test_a_refused_connection_is_no_answer() -> None:
    assert "nothing accepts connections" in silence(f"http://127.0.0.1:{free_port()}").summary


def test_what_follows_the_announced_body_is_not_read() -> None:
    with hostile(OK + b"Content-Length: 2\r\n\r\n{}garbage") as server:
        assert get(server.base_url).body == b"{}"


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"[" * 200_000 + b"]" * 200_000, id="deep"),
        pytest.param(b"[" * 101 + b"1" + b"]" * 101, id="a little too deep"),
        pytest.param(b'{"a":' * 5000 + b"1" + b"}" * 5000, id="deep objects"),
        pytest.param(b"NaN", id="NaN"),
        pytest.param(b'{"a": -Infinity}', id="infinity"),
        pytest.param(b"1e999", id="too large a float"),
        pytest.param(b"9" * 5000, id="too large an integer"),
        pytest.param(b'"\xff\xfe"', id="not UTF-8"),
        pytest.param(b"", id="empty"),
        pytest.param(b"<html>", id="HTML"),
    ],
)
def test_what_is_no_honest_json_is_a_fail(body: bytes) -> None:
    with hostile(with_body(body)) as server:
        reply = get(server.base_url)
    with pytest.raises(Fail, match="not JSON"):
        reply.json()
    assert len(reply.describe()) < 500


def test_json_of_a_sane_depth_is_read() -> None:
    with hostile(with_body(b"[" * 99 + b"1" + b"]" * 99)) as server:
        value = get(server.base_url).json()
    assert json.dumps(value).count("[") == 99


def test_redirects_are_not_followed() -> None:
    with hostile(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n") as server:
        assert get(server.base_url).status == 302


def test_a_cookie_is_not_sent_back() -> None:
    async def twice(base_url: str) -> None:
        async with Api(base_url) as api:
            await api.get("/")
            await api.get("/")

    with hostile(with_body(b"", b"Set-Cookie: a=b\r\nConnection: close\r\n")) as server:
        asyncio.run(twice(server.base_url))
    assert len(server.received) == 2
    assert b"cookie" not in server.received[1].lower()


def test_proxies_of_the_machine_are_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with hostile(with_body(b"{}")) as server:
        assert get(server.base_url).status == 200


def test_nothing_that_is_sent_names_the_grader() -> None:
    with hostile(with_body(b"{}")) as server:
        get(server.base_url, method="POST", json={"a": None}, token="t", params={"q": "ü"})
    sent = server.received[0].lower()
    assert b"user-agent: python-httpx/" in sent
    assert not any(word in sent for word in (b"takehome", b"harness", b"prober", b"grader"))


def test_a_json_body_a_token_and_a_query_are_sent_as_such() -> None:
    with hostile(with_body(b"{}")) as server:
        get(server.base_url, method="POST", json={"a": "ß"}, token="t", params={"q": "a b"})
    sent = server.received[0]
    assert sent.startswith(b"POST /x?q=a%20b HTTP/1.1\r\n") or sent.startswith(b"POST /x?q=a+b HTTP/1.1\r\n")
    assert b"Authorization: Bearer t\r\n" in sent
    assert b"Content-Type: application/json\r\n" in sent
    assert sent.endswith('{"a":"ß"}'.encode())


def test_null_is_a_json_body() -> None:
    with hostile(with_body(b"{}")) as server:
        get(server.base_url, method="POST", json=None)
    assert server.received[0].endswith(b"\r\n\r\nnull")


def test_half_a_surrogate_pair_can_be_sent() -> None:
    with hostile(with_body(b"{}")) as server:
        get(server.base_url, method="POST", json="\ud800")
    assert server.received[0].endswith(b'"\\ud800"')


def test_a_kept_connection_that_was_closed_meanwhile_is_no_failure() -> None:
    """The first answer keeps the connection open, then it is reset at the second request."""
    seen: list[int] = []

    def answer(connection: Any, _request: bytes) -> None:
        seen.append(1)
        connection.sendall(with_body(b"{}"))
        if len(seen) == 1:
            connection.recv(65536)

    async def twice(base_url: str) -> int:
        async with Api(base_url) as api:
            await api.get("/")
            return (await api.get("/")).status

    with hostile(answer) as server:
        assert asyncio.run(twice(server.base_url)) == 200
    assert len(seen) == 2


def test_a_call_after_a_failure_is_sent_on_a_new_connection() -> None:
    """uvicorn closes a connection that an exception came through a moment after its answer."""
    connections = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        fails = connections == 1
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                await reader.readuntil(b"\r\n\r\n")
                status = b"500 Internal Server Error" if fails else b"200 OK"
                writer.write(b"HTTP/1.1 " + status + b"\r\nContent-Length: 2\r\n\r\nok")
                if fails:
                    await reader.read(1)
                    writer.transport.abort()
                    return

    async def main() -> list[int]:
        async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            async with Api(f"http://127.0.0.1:{port}") as api:
                return [(await api.request("POST", "/x")).status for _ in range(3)]

    assert asyncio.run(main()) == [500, 200, 200]
    assert connections == 2


def test_each_exchange_is_recorded_also_one_without_an_answer() -> None:
    transcript = Transcript()
    with hostile(with_body(b"{}")) as server:
        get(server.base_url, transcript=transcript)
    with hostile(b"") as server, pytest.raises(NoAnswer) as caught:
        get(server.base_url, transcript=transcript)
    first, second = transcript.exchanges()
    assert first.status_line == "HTTP/1.1 200 OK"
    assert second.problem
    assert caught.value.exchange is second


def test_a_call_that_is_cancelled_hangs_up_and_is_recorded() -> None:
    hung_up: list[bytes] = []

    def answer(connection: Any, _request: bytes) -> None:
        hung_up.append(connection.recv(10))

    async def leave(base_url: str, transcript: Transcript) -> None:
        async with Api(base_url, transcript) as api:
            call = asyncio.ensure_future(api.get("/slow"))
            while not server.received:  # noqa: ASYNC110 - it comes from a thread
                await asyncio.sleep(0.01)
            call.cancel()
            await asyncio.gather(call, return_exceptions=True)

    transcript = Transcript()
    with hostile(answer) as server:
        asyncio.run(leave(server.base_url, transcript))
        limit = time.monotonic() + 20
        while not hung_up and time.monotonic() < limit:
            time.sleep(0.01)
    assert hung_up == [b""]
    assert "hung up" in transcript.exchanges()[0].problem


def test_two_hundred_calls_are_in_flight_at_a_time() -> None:
    barrier = threading.Barrier(200, timeout=60)

    def answer(connection: Any, _request: bytes) -> None:
        barrier.wait()
        connection.sendall(with_body(b"{}"))

    async def call_all(base_url: str) -> list[int]:
        async with Api(base_url) as api:
            replies = await asyncio.gather(*(api.get("/") for _ in range(200)))
            return [reply.status for reply in replies]

    with hostile(answer) as server:
        assert asyncio.run(call_all(server.base_url)) == [200] * 200
