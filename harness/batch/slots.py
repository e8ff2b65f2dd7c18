"""Slots: threads that work beside each other until all have ended, also when that is interrupted."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

# A thread that was told to start has done so by then, unless that was interrupted before.
_BEGUN_S = 5.0


@dataclass(frozen=True)
class _Slot:
    begun: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)

    def run(self, work: Callable[[int], None], number: int) -> None:
        self.begun.set()
        try:
            work(number)
        finally:
            self.ended.set()


def run_slots(work: Callable[[int], None], count: int, cancelled: threading.Event) -> None:
    """Call `work` in `count` threads, each with its number from 0; returns when all have returned.

    Whatever interrupts that (Ctrl-C) sets `cancelled`, and is raised once they have returned. Not by Thread.join:
    until Python 3.13 one that Ctrl-C interrupts takes its thread for ended.
    """
    slots: list[_Slot] = []
    try:
        for number in range(count):
            slots.append(_Slot())
            threading.Thread(target=slots[-1].run, args=(work, number), name=f"slot-{number}").start()
        _wait(slots)
    except BaseException:
        cancelled.set()
        _wait(slots)
        raise


def _wait(slots: Sequence[_Slot]) -> None:
    for slot in slots:
        if not slot.begun.wait(_BEGUN_S):
            continue
        # In short turns, so that a signal is not kept waiting.
        while not slot.ended.wait(0.2):
            pass
