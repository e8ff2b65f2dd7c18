"""Signals: what an experienced reader notices in the code. They explain what a check has shown, and are never scored.

Each is a habit (`good`) or a concern, with the lines that show it. What can't be told from the text is left out: a
signal that is wrong about good code costs more trust than one that is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from harness.analysis import concurrency, interface
from harness.analysis.code import Code
from harness.analysis.references import CodeRef, in_order

_MOST = 20


@dataclass(frozen=True)
class Signal:
    """What it is called, what it says, and how it is found."""

    id: str
    good: bool
    title: str
    find: Callable[[Code], Iterator[CodeRef]]


SIGNALS = (
    Signal(
        "blocking-call",
        False,
        "The event loop is blocked",
        concurrency.blocked,
    ),
    Signal(
        "per-request",
        False,
        "Clients or engines are made per request",
        concurrency.per_request,
    ),
    Signal("dangling-task", False, "Tasks that nobody holds", concurrency.dangling),
    Signal("swallowed-cancellation", False, "Cancellation is swallowed", concurrency.swallowed),
    Signal("no-timeout", False, "Waits without an end", concurrency.endless_waits),
    Signal("no-model", False, "Routes that don't say what they answer", interface.unmodelled),
    Signal("one-model", False, "One model for what comes and what goes", interface.same_model),
    Signal("unbounded", False, "Fields without a bound", interface.unbounded),
    Signal("on-event", False, "Deprecated start-up handlers", interface.on_event),
    Signal("injected", True, "Dependencies are injected", interface.injected),
    Signal("yield", True, "Dependencies clean up after themselves", interface.with_cleanup),
    Signal("lifespan", True, "Start and end are one lifespan", interface.lifespan),
    Signal("model", True, "Routes name their models", interface.modelled),
    Signal("in-out", True, "What comes and what goes have models of their own", interface.separate),
    Signal("timeout", True, "Waits are bounded", concurrency.bounded_waits),
)


def read_signals(code: Code) -> list[dict[str, Any]]:
    """Every signal that was seen, with its first places."""
    found = []
    for signal in SIGNALS:
        places = in_order({(str(p["path"]), int(p["line"])): p for p in signal.find(code)}.values())
        if places:
            found.append(
                {
                    "id": signal.id,
                    "good": signal.good,
                    "title": signal.title,
                    "count": len(places),
                    "places": places[:_MOST],
                }
            )
    return found
