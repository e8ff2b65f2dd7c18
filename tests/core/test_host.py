"""What is timed has the machine for itself, and never for ever."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from harness import host
from harness.errors import EnvironmentFault
from harness.events import Event, Note
from harness.host import Place

# The cache folder that is named here is that of the whole process.
GENEROUS_S = 60.0


@pytest.fixture(autouse=True)
def own_locks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAKEHOME_CACHE", str(tmp_path))


def begun(work: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def test_grades_work_beside_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    # One that has to wait says so at once.
    monkeypatch.setattr(host, "_TOLD_S", 0.0)
    monkeypatch.setattr(host, "_COURTESY_S", 0.2)
    told: list[Event] = []
    with Place(told.append), Place(told.append), Place(told.append):
        assert told == []


def test_one_that_times_waits_until_the_others_have_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host, "_TOLD_S", 0.0)
    order: list[str] = []
    waits = threading.Event()
    other = Place()
    other.__enter__()

    def timed() -> None:
        with Place(lambda _event: waits.set()) as place, place.alone() as alone:
            order.append(f"alone: {alone}")

    thread = begun(timed)
    assert waits.wait(GENEROUS_S)
    order.append("the other leaves")
    other.__exit__(None, None, None)
    thread.join(GENEROUS_S)
    assert order == ["the other leaves", "alone: True"]


def test_nobody_begins_while_one_times() -> None:
    entered = threading.Event()

    def work() -> None:
        with Place():
            entered.set()

    with Place() as place:
        with place.alone() as alone:
            thread = begun(work)
            assert alone
            assert not entered.wait(0.3)
        # Still at work, but not timing.
        thread.join(GENEROUS_S)
    assert entered.is_set()


def test_two_that_time_do_so_one_after_the_other() -> None:
    inside: set[int] = set()
    seen: list[tuple[bool, int]] = []
    changed = threading.Condition()

    def timed(number: int) -> None:
        with Place() as place, place.alone() as alone, changed:
            inside.add(number)
            changed.notify_all()
            # Leaves the others time to come in, and looks whether one does.
            changed.wait_for(lambda: len(inside) > 1, 0.2)
            seen.append((alone, len(inside)))
            inside.discard(number)

    threads = [begun(partial(timed, number)) for number in range(4)]
    for thread in threads:
        thread.join(GENEROUS_S)
    assert seen == [(True, 1)] * 4


def test_one_that_is_not_left_alone_in_time_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host, "_PATIENCE_S", 0.2)
    with Place(), Place() as place, place.alone() as alone:
        assert not alone


def test_one_that_was_not_left_alone_is_at_work_like_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host, "_PATIENCE_S", 0.2)
    first = Place()
    first.__enter__()
    with Place() as place, place.alone() as alone:
        first.__exit__(None, None, None)
        with Place() as other, other.alone() as also:
            assert (alone, also) == (False, False)


def test_one_that_begins_while_another_times_for_long_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host, "_COURTESY_S", 0.2)
    told: list[Event] = []
    with Place() as place, place.alone(), Place(told.append):
        pass
    assert told == [Note("not waiting any longer for the grade that is timed on this machine")]


def test_waiting_ends_when_it_is_cancelled() -> None:
    cancelled = threading.Event()
    cancelled.set()
    with Place(), Place(cancelled=cancelled) as place, place.alone() as alone:
        assert not alone


def test_one_that_is_away_keeps_nobody_waiting() -> None:
    with Place() as place, place.away(), Place() as other, other.alone() as alone:
        assert alone


def test_a_place_that_a_killed_process_held_is_free() -> None:
    held = "from harness.host import Place; p = Place(); p.__enter__(); print('in', flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", held], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=os.environ.copy()
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"in\n"
        process.send_signal(signal.SIGKILL)
    with Place() as place, place.alone() as alone:
        assert alone


def test_a_cache_that_cannot_be_written_to_is_told(tmp_path: Path) -> None:
    (tmp_path / "host").write_text("")
    with pytest.raises(EnvironmentFault, match="cache folder"):
        Place().__enter__()
