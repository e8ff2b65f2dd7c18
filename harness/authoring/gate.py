"""CapacityGate: an upstream that holds every reply and counts, and the causal way to know that no more will come."""

from __future__ import annotations

import asyncio
import inspect
import threading
import traceback
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager

from harness.authoring.answers import Answer
from harness.authoring.outcomes import Inconclusive, NoAnswer
from harness.authoring.stub import StubRequest, StubServer

_KEPT = 2000
_LONG_CAP_S = 25.0
_CALM_S = 0.5
_GAPS = 3
_TICK_S = 0.01
_PULSES = 2

Respond = Callable[[StubRequest], Answer | None]


def nothing_special(_request: StubRequest) -> Answer:
    """What a stub answers until a check decides otherwise."""
    return 200, {"Content-Type": "application/json"}, b"{}"


class CapacityGate:
    """One stub's control side. It lives in this process only: there is nothing that a candidate could call.

    `respond` decides each answer: (status, headers, body), a `StubAnswer` that is late, drips or breaks off, a
    `StubStream` that the check feeds, or None to hang up without one. It runs on the stub's thread and must not wait.

        stubs.payments.respond = lambda request: StubAnswer(503, {"Retry-After": "1"}, delay_s=0.2)
    """

    def __init__(self, port: int = 0) -> None:
        self._lock = threading.Lock()
        self._held: Callable[[StubRequest], bool] | None = None
        self._waiting: dict[asyncio.Future[Answer | None], StubRequest] = {}
        self._under_way: set[int] = set()
        self._requests: deque[StubRequest] = deque(maxlen=_KEPT)
        self._peak = self._arrivals = self._accepts = 0
        self.respond: Respond = nothing_special
        # The traceback of a `respond` that raised: a bug of the grader, so that check is not judged.
        self.broken = ""
        self._server = StubServer(port, self)
        self.port = self._server.port

    @property
    def in_flight(self) -> int:
        """Requests that arrived, are not answered yet and whose caller is still there."""
        with self._lock:
            return len(self._under_way)

    @property
    def peak(self) -> int:
        """The most that were ever in flight at a moment since the last reset."""
        with self._lock:
            return self._peak

    @property
    def arrivals(self) -> int:
        """Requests that arrived since the last reset."""
        with self._lock:
            return self._arrivals

    @property
    def accepts(self) -> int:
        """TCP connections that were opened since the last reset."""
        with self._lock:
            return self._accepts

    @property
    def requests(self) -> list[StubRequest]:
        """The last requests since the reset, at most 2,000, in the order of their arrival."""
        with self._lock:
            return list(self._requests)

    @contextmanager
    def hold(self, only: Callable[[StubRequest], bool] = lambda _request: True) -> Iterator[CapacityGate]:
        """Hold every reply until the end of the block, or the replies to those requests that `only` says."""
        with self._lock:
            self._held = only
        try:
            yield self
        finally:
            self.release()

    def release(self) -> None:
        """Answer what is held, and hold no more."""
        with self._lock:
            self._held = None
            waiting = dict(self._waiting)
            self._waiting.clear()

        def answer_all() -> None:
            for future, request in waiting.items():
                self._answer(future, request)

        self._server.loop.call_soon_threadsafe(answer_all)

    def reset(self) -> None:
        """As at the start: nothing held, the plain answer, all counts zero. Open connections stay open."""
        self.release()
        with self._lock:
            self._arrivals = self._accepts = 0
            self._peak = len(self._under_way)
            self._requests.clear()
            self.respond = nothing_special
            self.broken = ""

    def close(self) -> None:
        """Stop listening."""
        self._server.close()

    # The stub's side, on its own thread.

    def accepted(self) -> None:
        with self._lock:
            self._accepts += 1

    def arrived(self, request: StubRequest) -> asyncio.Future[Answer | None]:
        future: asyncio.Future[Answer | None] = asyncio.get_running_loop().create_future()
        with self._lock:
            self._arrivals += 1
            self._requests.append(request)
            self._under_way.add(id(request))
            self._peak = max(self._peak, len(self._under_way))
            if self._held is not None and self._held(request):
                self._waiting[future] = request
                return future
        self._answer(future, request)
        return future

    def left(self, request: StubRequest) -> None:
        with self._lock:
            self._under_way.discard(id(request))
            self._waiting = {future: r for future, r in self._waiting.items() if r is not request}

    def _answer(self, future: asyncio.Future[Answer | None], request: StubRequest) -> None:
        if future.done():
            return
        try:
            future.set_result(self.respond(request))
        except Exception:  # noqa: BLE001 - the grader's code; the loop must go on
            self.broken = traceback.format_exc()
            future.set_result((500, {}, b""))


class Stubs:
    """The challenge's stubs by name: `stubs.profile` or `stubs["profile"]`."""

    def __init__(self, gates: Mapping[str, CapacityGate]) -> None:
        self._gates = gates

    def __getitem__(self, name: str) -> CapacityGate:
        if name not in self._gates:
            raise Inconclusive(f"the challenge has no stub {name!r}")
        return self._gates[name]

    def __getattr__(self, name: str) -> CapacityGate:
        if name.startswith("_"):
            raise AttributeError(name)
        return self[name]


async def quiescent(
    count: Callable[[], int | Awaitable[int]], pulse: Callable[[], Awaitable[object]], cap_s: float = _LONG_CAP_S
) -> int:
    """Wait until nothing more arrives; returns the last count.

    `pulse` asks the service something that it answers when its loop is free (`/healthz`). Quiet is: at least two
    pulses without an arrival, for as long as three of the longest gaps between arrivals so far and half a second at
    least, so that a slow machine is waited for. A pulse without an answer ends it (a deaf service sends no more), and
    so do `cap_s` seconds.
    """
    clock = asyncio.get_running_loop().time
    start = changed = clock()
    last, longest, pulses = await _number(count), 0.0, 0
    while clock() < start + cap_s:
        try:
            async with asyncio.timeout(max(start + cap_s - clock(), _TICK_S)):
                await pulse()
        except (NoAnswer, TimeoutError):
            return await _number(count)
        now, moment = await _number(count), clock()
        if now != last:
            longest = max(longest, moment - changed)
            last, changed, pulses = now, moment, 0
            continue
        pulses += 1
        if pulses >= _PULSES and moment - changed >= max(_CALM_S, _GAPS * longest):
            break
        await asyncio.sleep(_TICK_S)
    return await _number(count)


async def _number(count: Callable[[], int | Awaitable[int]]) -> int:
    value = count()
    return await value if inspect.isawaitable(value) else value
