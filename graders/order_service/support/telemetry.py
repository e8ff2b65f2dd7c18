"""Trace headers, log lines and metrics, as the brief pins them."""

from __future__ import annotations

import asyncio
import json
import random
import re
from dataclasses import dataclass
from typing import Any

from harness.authoring import Fail, Lifecycle, Reply

_TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")
_SAMPLE = re.compile(r"([a-zA-Z_:][\w:]*)(?:\{(.*)\})?\s+(\S+)(?:\s+-?\d+)?")
_LABEL = re.compile(r'([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"')
_TEMPLATE = re.compile(r"\{[^}]*\}")
_LOG_S = 30.0
_TAIL = 400


@dataclass(frozen=True)
class Parent:
    """A `traceparent`, taken apart."""

    trace_id: str
    span_id: str
    flags: str

    def header(self) -> str:
        return f"00-{self.trace_id}-{self.span_id}-{self.flags}"


def parent(text: str) -> Parent | None:
    """What a header says; None when it isn't valid."""
    found = _TRACEPARENT.fullmatch(text)
    if found is None or not found[1].strip("0") or not found[2].strip("0"):
        return None
    return Parent(found[1], found[2], found[3])


def random_parent(rng: random.Random, flags: str = "01") -> Parent:
    return Parent(f"{rng.getrandbits(128) | 1:032x}", f"{rng.getrandbits(64) | 1:016x}", flags)


def _entries(lines: list[str]) -> list[dict[str, Any]]:
    found = []
    for line in lines:
        try:
            value = json.loads(line)
        except ValueError:
            continue
        if isinstance(value, dict):
            found.append(value)
    return found


async def logged(pod: Lifecycle, request_id: str) -> list[dict[str, Any]]:
    """The JSON lines of a request that tell its status, once there is one; waits for what is not flushed yet."""
    limit = asyncio.get_running_loop().time() + _LOG_S
    while True:
        entries = [e for e in _entries(await pod.logs("candidate", tail=_TAIL)) if e.get("request_id") == request_id]
        if any("status" in e for e in entries) or asyncio.get_running_loop().time() > limit:
            return entries
        await asyncio.sleep(0.2)


class Scrape:
    """One answer of `/metrics`."""

    def __init__(self, reply: Reply) -> None:
        self.samples: list[tuple[str, dict[str, str], float]] = []
        for line in reply.expect_status(200).text.splitlines():
            if not line.strip() or line.startswith("#"):
                continue
            found = _SAMPLE.fullmatch(line.strip())
            if found is None:
                raise Fail(
                    "/metrics is not in Prometheus's text format",
                    expected='name{label="value"} number',
                    actual=line[:200],
                ).about(reply.exchange)
            self.samples.append((found[1], dict(_LABEL.findall(found[2] or "")), _number(found[3])))

    def total(self, name: str, **labels: str) -> float:
        """The sum of all samples with these labels; the names between the braces of a route don't matter."""
        return sum(
            value
            for sample, has, value in self.samples
            if sample == name and all(_plain(has.get(k, "")) == v for k, v in labels.items())
        )

    def series(self, name: str) -> int:
        """How many time series a metric has."""
        return sum(sample == name for sample, _, _ in self.samples)


def _plain(label: str) -> str:
    return _TEMPLATE.sub("{}", label)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")
