"""What a batch shows: a row for each slot on a terminal, a line for each change elsewhere, or JSON lines."""

from __future__ import annotations

import json
import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import TypeAlias

from rich.console import Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from harness.batch.run import Told
from harness.cli.console import err, out
from harness.reporting import words
from harness.reporting.text import clean, one_line

Listen: TypeAlias = Callable[[Told], None]
_SAYS = {
    "graded": "graded",
    "unreadable": "can't be read",
    "fault": "not graded",
    "stopped": "stopped",
    "started": "started",
    "retried": "once more",
    "changed": "changed",
}


@contextmanager
def display(*, quiet: bool, as_json: bool, slots: int) -> Iterator[Listen]:
    """A listener for the events of a batch. Safe to call from several threads."""
    lock = threading.Lock()
    if as_json:
        yield _guarded(lock, lambda told: out.file.write(json.dumps(asdict(told)) + "\n") and out.file.flush())
    elif err.is_terminal and not quiet:
        board = _Board(slots)
        with Live(get_renderable=board.drawn, console=err, refresh_per_second=4, transient=True) as live:
            yield _guarded(lock, lambda told: _to_board(board, live, told))
    else:
        yield _guarded(lock, lambda told: None if quiet and told.kind not in _LAST else _line(told))


_LAST = ("paused", "tally", "finished")


def _guarded(lock: threading.Lock, listen: Callable[[Told], object]) -> Listen:
    """One at a time; once nobody listens any more (`| head`), the batch goes on without a word."""
    deaf = False

    def guarded(told: Told) -> None:
        nonlocal deaf
        with lock:
            if deaf:
                return
            try:
                listen(told)
            # rich ends the thread that finds a pipe broken.
            except (OSError, ValueError, SystemExit):
                deaf = True

    return guarded


def _line(told: Told) -> None:
    text = _text(told)
    if text:
        err.print(text, markup=False, highlight=False, soft_wrap=True)


def _text(told: Told) -> str:
    """One line for a change; nothing for what a grade says while it works."""
    match told.kind:
        case "says":
            return ""
        case "finished":
            return f"Cohort: {clean(told.text)}"
        case "paused":
            return f"paused: {clean(told.text)}"
        case "begun" | "jobs" | "note" | "tally":
            return ": ".join(part for part in (told.id, one_line(told.text, 500)) if part)
    ended = told.kind in ("graded", "unreadable", "fault")
    score = f" {words.number(told.score)}" if told.score is not None else " without a score" * (told.kind == "graded")
    why = f": {one_line(told.text, 400)}" if told.text and told.kind not in ("started", "retried") else ""
    place = f"[{told.done}/{told.total}] " if ended else ""
    return f"{place}{told.id}: {_SAYS.get(told.kind, told.kind)}{score if ended else ''}{why}"


@dataclass
class _Board:
    """The live picture: what each slot does, the tally, and the time left at the pace so far."""

    slots: int
    rows: dict[int, tuple[str, str, float]] = field(default_factory=dict)
    tally: dict[str, int] = field(default_factory=dict)
    done: int = 0
    total: int = 0
    # When each of this run's grades ended: the first may have had to wait for what all share.
    ends: list[float] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, told: Told) -> None:
        with self._lock:
            self._note(told)

    def _note(self, told: Told) -> None:
        self.done, self.total = max(self.done, told.done), told.total or self.total
        if told.kind in ("started", "retried"):
            self.rows[told.slot] = (told.id, "starting", time.monotonic())
        elif told.kind == "says" and told.slot in self.rows:
            name, _, since = self.rows[told.slot]
            self.rows[told.slot] = (name, told.text, since)
        elif told.kind in ("graded", "unreadable", "fault", "stopped"):
            self.rows.pop(told.slot, None)
            self.ends.append(time.monotonic())
            self.tally[told.kind] = self.tally.get(told.kind, 0) + 1

    def drawn(self) -> RenderableType:
        """From a thread of rich's own."""
        with self._lock:
            return self._drawn()

    def _drawn(self) -> RenderableType:
        table = Table.grid(padding=(0, 2))
        now = time.monotonic()
        for slot in range(min(self.slots, max(self.total, 1))):
            name, says, since = self.rows.get(slot, ("", "", now))
            table.add_row(
                Text(one_line(name, 40), style="bold"),
                f"{now - since:4.0f} s" if name else "",
                Text(one_line(says, 60)),
            )
        left = self._time_left(now)
        tally = ", ".join(f"{count} {_SAYS[kind]}" for kind, count in self.tally.items())
        return Group(table, Text(f"{self.done} of {self.total}" + (f" ({tally})" if tally else "") + left, style="dim"))

    def _time_left(self, now: float) -> str:
        """At the pace since the first slots ended, which is known once each slot has ended one and another."""
        first = min(self.slots, len(self.ends)) - 1
        made = len(self.ends) - 1 - first
        if made < 1 or self.done >= self.total:
            return ""
        return _left((now - self.ends[first]) / made * (self.total - self.done))


def _left(seconds: float) -> str:
    """How long it takes yet, no more exactly than can be known."""
    if seconds > 90:
        return f", about {seconds / 60:.0f} min left"
    return f", about {max(1, math.ceil(seconds / 10))}0 s left"


def _to_board(board: _Board, live: Live, told: Told) -> None:
    board.note(told)
    text = _text(told) if told.kind not in ("started", "retried") else ""
    if text:
        live.console.print(text, markup=False, highlight=False)
