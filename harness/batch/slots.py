"""Slots: threads that work beside each other until all have ended, also when that is interrupted."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence


def run_slots(work: Callable[[int], None], count: int, cancelled: threading.Event) -> None:
    """Call `work` in `count` threads, each with its number from 0; returns when all have returned.

    Whatever interrupts that (Ctrl-C) sets `cancelled`, and is raised once they have returned. Not by Thread.join:
    until Python 3.13 one that Ctrl-C interrupts takes its thread for ended.
    """
    begun: list[threading.Event] = []
    try:
        for slot in range(count):
            ended = threading.Event()
            threading.Thread(target=_to_its_end, args=(work, slot, ended), name=f"slot-{slot}").start()
            begun.append(ended)
        _wait(begun)
    except BaseException:
        cancelled.set()
        _wait(begun)
        raise


def _to_its_end(work: Callable[[int], None], slot: int, ended: threading.Event) -> None:
    try:
        work(slot)
    finally:
        ended.set()


def _wait(events: Sequence[threading.Event]) -> None:
    for event in events:
        # In short turns, so that a signal is not kept waiting.
        while not event.wait(0.2):
            pass
