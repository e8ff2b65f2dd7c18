"""Slots work until all have ended, whatever happens meanwhile."""

from __future__ import annotations

import threading
import time

import pytest

from harness.batch import slots
from harness.batch.slots import run_slots


def test_each_slot_has_a_number_and_all_are_waited_for() -> None:
    seen: list[int] = []
    run_slots(seen.append, 3, threading.Event())
    assert sorted(seen) == [0, 1, 2]


@pytest.mark.parametrize("interrupted", [RuntimeError("can't start new thread"), KeyboardInterrupt()])
def test_when_one_can_not_be_started_those_that_were_are_waited_for(
    interrupted: BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    cancelled, at_work, ended = threading.Event(), threading.Event(), threading.Event()

    def work(_number: int) -> None:
        at_work.set()
        cancelled.wait()
        time.sleep(0.3)
        ended.set()

    class Second(threading.Thread):
        def start(self) -> None:
            if self.name == "slot-1":
                at_work.wait()
                raise interrupted
            super().start()

    monkeypatch.setattr(threading, "Thread", Second)
    monkeypatch.setattr(slots, "_BEGUN_S", 0.1)
    with pytest.raises(type(interrupted)):
        run_slots(work, 2, cancelled)
    assert ended.is_set()
