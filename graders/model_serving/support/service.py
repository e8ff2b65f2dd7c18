"""The graded service as its users see it. Whatever it can't do is a Fail that says so."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from functools import partial
from typing import Any

from harness.authoring import Api, Call, CapacityGate, Claims, Fail, Lifecycle, NoAnswer, Reply

from .digits import NEW, Digits, Row, answer

PREDICTIONS = "/v1/predictions"
MODELS = "/v1/models"
JOBS = "/v1/jobs"
LONG_S = 150.0
_TOLERANCE = 0.001
_READY_S = 60.0
_TICK_S = 0.05
_LOOKS = 200


def mapping(reply: Reply) -> dict[str, Any]:
    """The JSON object of an answer; Fail when it is something else."""
    value = reply.json()
    if not isinstance(value, dict):
        reply.fail("The answer is not a JSON object", "a JSON object")
    return value


def wrong(reply: Reply, rows: Sequence[Row], version: str = NEW) -> str:
    """What is wrong with an answer of predictions, in words; empty when nothing is."""
    if reply.status != 200:
        return f"{reply.status} instead of 200"
    body = mapping(reply)
    if body.get("version") != version:
        return f"version is {body.get('version')!r}, not {version!r}"
    found = body.get("predictions")
    if not isinstance(found, list) or len(found) != len(rows):
        return f"predictions is no array of {len(rows)}"
    for at, (one, row) in enumerate(zip(found, rows, strict=True)):
        if problem := _differs(one, row, version):
            return f"predictions[{at}]: {problem}"
    return ""


def _differs(one: object, row: Row, version: str) -> str:
    wanted = answer(row, version)
    if not isinstance(one, dict):
        return "no object"
    label, shares = one.get("label"), one.get("probabilities")
    if not isinstance(shares, list) or len(shares) != len(wanted.probabilities):
        return "probabilities is no array of ten"
    if not all(isinstance(share, (int, float)) and not isinstance(share, bool) for share in shares):
        return "a probability is no number"
    off = max(abs(share - right) for share, right in zip(shares, wanted.probabilities, strict=True))
    if not off <= _TOLERANCE:
        return f"a probability is off by {off:.4f} (the model {version} gives {_told(wanted.probabilities)})"
    if isinstance(label, bool) or label != wanted.label:
        return f"label {label!r}, where the model {version} says {wanted.label}"
    return ""


def _told(shares: Sequence[float]) -> str:
    return "[" + ", ".join(f"{share:.3f}" for share in shares) + "]"


class Service:
    """Calls to the service."""

    def __init__(self, api: Api, stub: CapacityGate, pod: Lifecycle, digits: Digits) -> None:
        self.api = api
        self.stub = stub
        self.pod = pod
        self.digits = digits

    async def predict(
        self, rows: Sequence[Row], version: str | None = None, *, api: Api | None = None, deadline_s: float = 25.0
    ) -> Reply:
        """Ask for predictions; the version is left out when None."""
        return await (api or self.api).post(PREDICTIONS, json=body_of(rows, version), deadline_s=deadline_s)

    def calls(self, api: Api, batches: Sequence[Sequence[Row]], version: str | None = None) -> list[Call]:
        """One call for each batch, which may wait for as long as the model is held."""
        return [partial(self.predict, rows, version, api=api, deadline_s=LONG_S) for rows in batches]

    async def right(self, rows: Sequence[Row], version: str | None = None) -> Reply:
        """The answer to a request that is in order; Fail when it isn't right."""
        reply = await self.predict(rows, version)
        reply.expect_status(200)
        if problem := wrong(reply, rows, version or NEW):
            reply.fail(f"A prediction is wrong: {problem}", "what Model.predict gives, within 0.001, in the order sent")
        return reply

    async def has_jobs(self) -> bool:
        """Whether jobs can be started; the one that was is waited for, if it can be."""
        reply = await silent_or(self.api.post(JOBS, json=body_of([self.digits.row()], None)))
        if isinstance(reply, Fail) or reply.status != 202:
            return False
        id_ = mapping(reply).get("id")
        for _ in range(_LOOKS):
            shown = await silent_or(self.api.get(f"{JOBS}/{id_}"))
            if isinstance(shown, Fail) or shown.status != 200 or mapping(shown).get("status") in ("done", "failed"):
                break
            await asyncio.sleep(_TICK_S)
        return True

    async def restart(self) -> None:
        """Start the service anew; returns when it predicts."""
        self.stub.reset()
        await self.pod.restart("candidate")
        await self.pod.wait_ready(_READY_S)
        await self.ready()

    async def ready(self, cap_s: float = _READY_S) -> None:
        """Wait until /readyz is 200, where there is one, and predictions are made; Fail when that doesn't come."""
        clock = asyncio.get_running_loop().time
        limit = clock() + cap_s
        async with self.api.fresh() as probe:
            while True:
                reply = await probe.get("/readyz")
                if reply.status in (200, 404):
                    reply = await self.predict([self.digits.row()], api=probe)
                    if reply.status != 503:
                        return
                if clock() > limit:
                    reply.fail(f"The service is not ready within {cap_s:g} s, with nothing held", "200")
                await asyncio.sleep(_TICK_S)

    async def others_answer(self, claims: Claims, when: str, paths: Sequence[str] = ()) -> None:
        """That the routes that need no model are answered."""
        for path in paths or ("/healthz", "/readyz", MODELS, f"{MODELS}/{NEW}"):
            async with self.api.fresh() as probe:
                reply = await silent_or(probe.get(path))
            claims.status(reply, f"while {when}, GET {path} is not answered as usual", 200)


async def silent_or(call: Awaitable[Reply]) -> Reply | Fail:
    """The answer, or the silence."""
    try:
        return await call
    except NoAnswer as silence:
        return silence


def body_of(rows: Sequence[Row], version: str | None) -> dict[str, Any]:
    """As it is sent: whole numbers as such."""
    inputs = [[int(pixel) if pixel.is_integer() else pixel for pixel in row] for row in rows]
    return {"inputs": inputs} if version is None else {"inputs": inputs, "version": version}


def retry_after(reply: Reply) -> int | None:
    """The seconds of Retry-After; None when it isn't a whole number of at least 1."""
    text = str(reply.headers.get("retry-after", "")).strip()
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        return None
    return int(text) or None
