"""What somebody's tests say of their service: do they pass, what do they run, and which faults do they notice."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from harness.trial.plugin.faults import FAULTS
from harness.trial.run import Outcomes, Runner

_PLAIN_S = 90.0
_COVERAGE_S = 30.0
_LEAST_S = 1.0
_FAILURES = 20


def trial(
    source: Path,
    python: Path,
    work: Path,
    environment: Mapping[str, str],
    reset: Callable[[], None],
    limit: float,
) -> dict[str, Any]:
    """Run the tests as they are, then once for each fault, until `limit` (of the monotonic clock).

    `reset` empties the database before each run.
    """
    runner = Runner(source, python, work, environment, reset)
    start = time.monotonic()
    plain = runner.plain(min(_PLAIN_S, limit - start))
    seconds = time.monotonic() - start
    good = [nodeid for nodeid, outcome in plain.tests.items() if outcome == "passed"]
    document: dict[str, Any] = {
        "problem": plain.problem,
        "seconds": round(seconds, 2),
        "counts": {kind: list(plain.tests.values()).count(kind) for kind in ("passed", "failed", "error", "skipped")},
        "failures": _failures(plain),
        "coverage": runner.coverage(_COVERAGE_S) if plain.tests else {},
        "faults": [],
    }
    if good:
        document["faults"] = [
            _noticed(runner, fault, good, limit, seconds) if fault in plain.met else _told(fault, "unmet")
            for fault in FAULTS
        ]
    return document


def _failures(plain: Outcomes) -> list[dict[str, str]]:
    broken = [nodeid for nodeid, outcome in plain.tests.items() if outcome in ("failed", "error")]
    return [{"id": nodeid, "message": plain.messages.get(nodeid, "")} for nodeid in broken[:_FAILURES]]


def _told(fault: str, outcome: str, by: str = "") -> dict[str, str]:
    """`outcome`: noticed; missed; unmet, when no answer to the tests could have the fault; or untried."""
    return {"id": fault, "title": FAULTS[fault][0], "outcome": outcome, "by": by}


def _noticed(runner: Runner, fault: str, good: list[str], limit: float, seconds: float) -> dict[str, str]:
    left = limit - time.monotonic()
    if left < max(_LEAST_S, seconds / 2):
        return _told(fault, "untried")
    found = runner.with_fault(fault, good, left)
    by = next((nodeid for nodeid, outcome in found.tests.items() if outcome in ("failed", "error")), "")
    if by:
        return _told(fault, "noticed", by)
    return _told(fault, "untried" if found.problem else "missed")
