"""Lifecycle: what only the host can do to the pod, asked for over the prober's channel."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from harness.authoring.api import Api
from harness.authoring.outcomes import EnvironmentBroken, Fail, Inconclusive, NoAnswer

Target = Literal["candidate", "postgres"]
_OPERATION_S = 90.0
_STATIC_S = 300.0
_POLL_S = 0.05


class Host(Protocol):
    """Who answers lifecycle requests."""

    def request(self, op: str, target: str, args: Mapping[str, Any]) -> Future[dict[str, Any]]:
        """Send a request; the future holds the whole answer frame."""


@dataclass(frozen=True)
class State:
    """`exit_code` is None while running; `oom` tells that the memory limit ended it."""

    running: bool
    exit_code: int | None
    oom: bool


@dataclass(frozen=True)
class Stopped:
    """How a stop ended: `killed` when SIGTERM was not enough within the grace."""

    exit_code: int | None
    killed: bool


def value_of(answer: Mapping[str, Any]) -> dict[str, Any]:
    """The value in an answer frame.

    Raises:
        Fail, EnvironmentBroken, Inconclusive: the host could not do it, by whose fault that is.
    """
    if answer.get("ok"):
        value = answer.get("value")
        return value if isinstance(value, dict) else {}
    error = str(answer.get("error") or "the host gave no reason")
    match answer.get("fault"):
        case "submission":
            raise Fail(error)
        case "environment":
            raise EnvironmentBroken(error)
        case _:
            raise Inconclusive(error)


class Lifecycle:
    """Stops, starts and looks at the candidate's service and PostgreSQL.

    Raises from every method:
        EnvironmentBroken: the engine could not do it.
        Inconclusive: the host didn't answer.
    """

    def __init__(self, host: Host, base_url: str) -> None:
        self._host = host
        self._base_url = base_url
        # What a check may have left other than running; whoever runs the checks puts it right.
        self.touched: set[str] = set()

    async def restart(self, target: Target) -> None:
        """Stop and start; the candidate is not waited for (see `wait_ready`)."""
        self.touched.add(target)
        await self._ask("restart", target)

    async def stop(self, target: Target, *, grace_s: float = 10.0) -> Stopped:
        """SIGTERM, then SIGKILL after `grace_s` seconds."""
        self.touched.add(target)
        value = await self._ask("stop", target, {"grace_s": grace_s}, deadline_s=_OPERATION_S + grace_s)
        return Stopped(value.get("exit_code"), bool(value.get("killed")))

    async def start(self, target: Target) -> None:
        """Start what was stopped."""
        self.touched.add(target)
        await self._ask("start", target)

    async def kill(self, target: Target) -> None:
        """SIGKILL, without a word before."""
        self.touched.add(target)
        await self._ask("kill", target)

    async def signal(self, target: Target, name: str) -> None:
        """Send a signal such as SIGTERM; doesn't wait for what it does."""
        self.touched.add(target)
        await self._ask("signal", target, {"signal": name})

    async def state(self, target: Target) -> State:
        """Whether it runs, and how it ended if it doesn't."""
        value = await self._ask("state", target)
        return State(bool(value.get("running")), value.get("exit_code"), bool(value.get("oom")))

    async def logs(self, target: Target, *, tail: int = 50) -> list[str]:
        """The last lines that it printed."""
        lines = (await self._ask("logs", target, {"tail": tail})).get("lines")
        return [str(line) for line in lines] if isinstance(lines, list) else []

    async def memory(self) -> int:
        """What the candidate's processes hold in memory now, in bytes, without the page cache.

        Raises:
            Inconclusive: the runtime can't tell.
        """
        value = (await self._ask("memory", "candidate")).get("bytes")
        if not isinstance(value, int):
            raise Inconclusive("the memory of the service can't be told here")
        return value

    async def static(self) -> dict[str, Any]:
        """What the tools found in the code; waits until they are through."""
        return await self._ask("static", "candidate", deadline_s=_STATIC_S)

    async def own_tests(self) -> dict[str, Any]:
        """What the candidate's own tests came to, as in the record's `own_tests`; waits until they are through.

        `asked` is False when nobody asked for a run of them (a challenge asks by the check `own-tests`).

        Raises:
            Fail: what they need can't be installed, by their own fault.
        """
        return await self._ask("own_tests", "candidate", deadline_s=_STATIC_S)

    async def wait_ready(self, deadline_s: float = 60, path: str = "/healthz") -> float:
        """Wait until the service answers anything at `path`; returns the seconds that took.

        Raises:
            Fail: it doesn't within `deadline_s` seconds.
        """
        start = time.monotonic()
        while True:
            left = start + deadline_s - time.monotonic()
            if left <= 0:
                raise Fail(
                    f"The service doesn't answer within {deadline_s:g} s",
                    expected=f"an answer at {path}",
                    actual=await self._silence(),
                )
            async with Api(self._base_url) as api:
                try:
                    await api.get(path, deadline_s=min(5.0, left))
                except NoAnswer:
                    await asyncio.sleep(_POLL_S)
                else:
                    return time.monotonic() - start

    async def _silence(self) -> str:
        state = await self.state("candidate")
        if state.running:
            return "it runs and doesn't answer"
        return f"it has exited with code {state.exit_code}" + (", out of memory" if state.oom else "")

    async def _ask(
        self, op: str, target: str, args: Mapping[str, Any] | None = None, *, deadline_s: float = _OPERATION_S
    ) -> dict[str, Any]:
        future = self._host.request(op, target, args or {})
        try:
            async with asyncio.timeout(deadline_s):
                answer = await asyncio.wrap_future(future)
        except TimeoutError as error:
            raise Inconclusive(f"the host didn't answer {op!r} within {deadline_s:g} s") from error
        return value_of(answer)
