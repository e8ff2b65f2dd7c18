"""The capacity gate: what it holds, what it counts, and what callers can't do to it."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from collections.abc import Callable, Iterator

import httpx
import pytest

from harness.authoring import CapacityGate, Inconclusive, NoAnswer, StubRequest, Stubs, quiescent

CAP_S = 30.0


@pytest.fixture
def gate() -> Iterator[CapacityGate]:
    made = CapacityGate()
    yield made
    made.close()


def url(gate: CapacityGate, path: str = "/profiles/1") -> str:
    return f"http://127.0.0.1:{gate.port}{path}"


def client() -> httpx.AsyncClient:
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    return httpx.AsyncClient(trust_env=False, timeout=CAP_S, limits=limits)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(CAP_S):
        while not condition():  # noqa: ASYNC110 - it comes from a thread
            await asyncio.sleep(0.005)


def test_64_calls_are_held_at_a_time_and_each_gets_its_own_answer(gate: CapacityGate) -> None:
    gate.respond = lambda r: (200, {"X-Path": r.path}, json.dumps({"path": r.path}).encode())

    async def run() -> list[str]:
        async with client() as http:
            with gate.hold():
                calls = [asyncio.ensure_future(http.get(url(gate, f"/profiles/{n}"))) for n in range(64)]
                await until(lambda: gate.in_flight == 64)
                assert not any(call.done() for call in calls)
            return [(await call).json()["path"] for call in calls]

    assert asyncio.run(run()) == [f"/profiles/{n}" for n in range(64)]
    assert (gate.peak, gate.arrivals, gate.accepts, gate.in_flight) == (64, 64, 64, 0)


def test_calls_one_after_the_other_over_one_connection_are_one_accept(gate: CapacityGate) -> None:
    with httpx.Client(trust_env=False) as http:
        for _ in range(20):
            assert http.get(url(gate)).status_code == 200
    assert (gate.accepts, gate.arrivals, gate.peak) == (1, 20, 1)


def test_each_new_connection_is_counted(gate: CapacityGate) -> None:
    for _ in range(5):
        httpx.get(url(gate), trust_env=False)
    assert gate.accepts == 5


def test_a_caller_that_hangs_up_is_no_longer_in_flight(gate: CapacityGate) -> None:
    async def run() -> None:
        async with client() as http:
            with gate.hold():
                call = asyncio.ensure_future(http.get(url(gate)))
                await until(lambda: gate.in_flight == 1)
                call.cancel()
                await until(lambda: gate.in_flight == 0)

    asyncio.run(run())
    assert (gate.peak, gate.arrivals) == (1, 1)


def test_the_requests_are_recorded(gate: CapacityGate) -> None:
    httpx.post(url(gate, "/a?b=c"), content=b"body", headers={"X-Key": "v"}, trust_env=False)
    (request,) = gate.requests
    assert (request.method, request.path, request.body, request.headers["x-key"]) == ("POST", "/a?b=c", b"body", "v")


def test_no_answer_at_all_can_be_given(gate: CapacityGate) -> None:
    gate.respond = lambda _request: None
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.get(url(gate), trust_env=False)


def test_a_reset_forgets_counts_and_answers(gate: CapacityGate) -> None:
    gate.respond = lambda _request: (418, {}, b"")
    httpx.get(url(gate), trust_env=False)
    gate.reset()
    assert (gate.peak, gate.arrivals, gate.accepts, gate.requests) == (0, 0, 0, [])
    assert httpx.get(url(gate), trust_env=False).status_code == 200


def test_an_answer_that_raises_is_noted_and_the_stub_goes_on(gate: CapacityGate) -> None:
    def broken(_request: StubRequest) -> tuple[int, dict[str, str], bytes]:
        raise KeyError("oops")

    gate.respond = broken
    assert httpx.get(url(gate), trust_env=False).status_code == 500
    assert "oops" in gate.broken


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(b"\x00\xff" * 1000 + b"\r\n\r\n", id="no HTTP"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 200_000, id="endless header"),
        pytest.param(b"PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999\r\n\r\n" + bytes(3_000_000), id="body"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n", id="upgrade"),
    ],
)
def test_a_caller_that_means_harm_hurts_nobody_else(gate: CapacityGate, sent: bytes) -> None:
    with socket.create_connection(("127.0.0.1", gate.port), timeout=CAP_S) as caller:
        try:
            caller.sendall(sent)
            caller.shutdown(socket.SHUT_WR)
            while caller.recv(65536):
                pass
        except OSError:  # hung up on; what has to be known of it depends on the moment
            pass
        assert httpx.get(url(gate), trust_env=False).status_code == 200
    assert gate.broken == ""


def test_a_port_that_is_taken_is_an_error(gate: CapacityGate) -> None:
    with pytest.raises(OSError, match="in use"):
        CapacityGate(gate.port)


def test_a_stub_that_the_challenge_lacks_is_nobody_s_failure(gate: CapacityGate) -> None:
    stubs = Stubs({"profile": gate})
    assert stubs.profile is gate
    with pytest.raises(Inconclusive, match="payments"):
        _ = stubs.payments


def test_quiet_is_when_pulses_see_no_more_arrivals() -> None:
    """Arrivals come at a pace that is slower than the pulses; all of them are waited for."""
    arrived = 0

    async def arrive() -> None:
        nonlocal arrived
        for _ in range(10):
            await asyncio.sleep(0.1)
            arrived += 1

    async def run() -> int:
        task = asyncio.ensure_future(arrive())
        try:
            return await quiescent(lambda: arrived, lambda: asyncio.sleep(0.001))
        finally:
            task.cancel()

    assert asyncio.run(run()) == 10


def test_a_service_that_does_not_answer_the_pulse_sends_no_more() -> None:
    async def deaf() -> None:
        raise NoAnswer("deaf")

    start = time.monotonic()
    assert asyncio.run(quiescent(lambda: 1, deaf)) == 1
    assert time.monotonic() - start < 20


def test_waiting_for_quiet_has_a_cap() -> None:
    seen = iter(range(10**9))

    async def pulse() -> None:
        await asyncio.sleep(0.001)

    asyncio.run(asyncio.wait_for(quiescent(lambda: next(seen), pulse, cap_s=0.5), CAP_S))


def test_the_count_may_be_asked_for_asynchronously() -> None:
    async def count() -> int:
        return 3

    assert asyncio.run(quiescent(count, lambda: asyncio.sleep(0))) == 3
