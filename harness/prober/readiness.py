"""Readiness: whether the candidate's service answers at all, and what it does instead when it doesn't."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from harness.authoring.api import Api
from harness.authoring.lifecycle import Lifecycle, State
from harness.authoring.outcomes import NoAnswer, Outcome

PATH = "/healthz"
_ATTEMPT_S = 5.0
_POLL_S = 0.05
_LOOK_S = 0.5
# The first ones warm up what is there; a service that is slow gives fewer.
_WARM, _BEATS, _PULSE_S = 5, 40, 2.0


@dataclass(frozen=True)
class NotReady:
    """`reason` is one of: never listened, listens but does not answer, exited."""

    summary: str
    reason: str
    detail: str = ""


async def wait_ready(base_url: str, pod: Lifecycle, ready_s: float) -> float | NotReady:
    """The seconds until `GET /healthz` was answered with any status, or why it wasn't within `ready_s` seconds."""
    start = time.monotonic()
    look, silence = start + _LOOK_S, ""
    while (left := start + ready_s - time.monotonic()) > 0:
        async with Api(base_url) as api:
            try:
                await api.get(PATH, deadline_s=min(_ATTEMPT_S, left))
            except NoAnswer as error:
                if not (silence and left < _ATTEMPT_S and _learnt_nothing(error)):
                    silence = error.actual
            else:
                return time.monotonic() - start
        if time.monotonic() >= look:
            look = time.monotonic() + _LOOK_S
            state = await state_of(pod)
            if state is not None and not state.running:
                return _exited(state)
        await asyncio.sleep(_POLL_S)
    if silence.startswith("no connection"):
        return NotReady(f"The app didn't listen within {ready_s:g} s", "never listened", silence)
    return NotReady(f"The app didn't answer within {ready_s:g} s", "listens but does not answer", silence)


async def pulse_of(base_url: str) -> list[float]:
    """How long `GET /healthz` takes, in milliseconds, one after the other on one connection; nothing when it fails.

    For a comparison with the reference on the same machine, by a reader; no check looks at it.
    """
    found: list[float] = []
    limit = time.monotonic() + _PULSE_S
    async with Api(base_url) as api:
        for _ in range(_WARM + _BEATS):
            try:
                reply = await api.get(PATH, deadline_s=_PULSE_S)
            except Outcome:
                return []
            found.append(reply.elapsed_ms)
            if time.monotonic() > limit:
                break
    return found[_WARM:]


async def state_of(pod: Lifecycle) -> State | None:
    """The candidate's state; None when the host can't tell."""
    try:
        return await pod.state("candidate")
    except Outcome:
        return None


def _learnt_nothing(error: NoAnswer) -> bool:
    """Whether the time was up before the request was out; with little time that is so, whoever listens."""
    return isinstance(error.__cause__, TimeoutError) and not (error.exchange and error.exchange.sent)


def _exited(state: State) -> NotReady:
    why = "it used more memory than it may" if state.oom else f"exit code {state.exit_code}"
    return NotReady("The app exited before it answered", "exited", why)
