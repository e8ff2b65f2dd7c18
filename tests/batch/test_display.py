"""What a batch shows on a terminal."""

from __future__ import annotations

import threading
import time

import pytest
from rich.console import Console

from harness.batch.run import Told
from harness.cli.batch_display import _Board, _guarded

# The clock is everybody's.


def drawn(board: _Board) -> str:
    console = Console(width=100, no_color=True)
    with console.capture() as capture:
        console.print(board.drawn())
    return capture.get()


@pytest.fixture(autouse=True)
def _clock_at_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now)


def begun(done: int = 0, total: int = 6) -> _Board:
    board = _Board(2)
    board.note(Told("begun", done=done, total=total))
    board.note(Told("started", "ada", 0, total=total))
    board.note(Told("says", "ada", 0, text="preparing the environment", total=total))
    return board


def test_each_slot_that_works_has_a_row_with_what_it_does() -> None:
    row, tally, *_ = (line for line in drawn(begun()).splitlines() if line.strip())
    assert row.split() == ["ada", "0", "s", "preparing", "the", "environment"]
    assert tally.strip() == "0 of 6"


def test_a_row_goes_when_its_grade_has_ended_and_the_tally_counts_it() -> None:
    board = begun()
    board.note(Told("graded", "ada", 0, done=1, total=6))
    text = drawn(board)
    assert "ada" not in text
    assert "1 of 6 (1 graded)" in text


@pytest.mark.parametrize(
    ("took_s", "told"), [(5.0, "about 20 s left"), (60.0, "about 3 min left"), (2.0, "about 10 s left")]
)
def test_the_time_left_follows_the_pace_since_all_slots_got_going(
    took_s: float, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    board = begun()
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now)
    now += 300.0  # installing what all share
    board.note(Told("graded", "ada", 0, done=1, total=6))
    board.note(Told("graded", "bo", 1, done=2, total=6))
    assert "left" not in drawn(board)
    now += took_s
    board.note(Told("graded", "cy", 0, done=3, total=6))
    assert told in drawn(board)


def test_what_was_done_before_counts_for_no_pace() -> None:
    board = begun(done=5)
    assert "left" not in drawn(board)
    assert "5 of 6" in drawn(board)


def test_nothing_is_left_when_all_is_done() -> None:
    board = begun(total=1)
    board.note(Told("graded", "ada", 0, done=1, total=1))
    assert "left" not in drawn(board)


def test_once_nobody_reads_any_more_the_batch_goes_on_without_a_word() -> None:
    heard: list[str] = []

    def listen(told: Told) -> None:
        heard.append(told.id)
        # As rich does where a pipe is broken.
        raise SystemExit(1)

    tell = _guarded(threading.Lock(), listen)
    for id_ in "bcd":
        tell(Told("graded", id_))
    assert heard == ["b"]
