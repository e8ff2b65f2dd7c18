"""Journal: what has happened in a batch, one line of JSON each, kept whatever becomes of the process that writes it.

A line is written, flushed and synced before anything builds on it. A last line without its end was being written when
the process was killed: it never happened, and is cut off.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import FileIO
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Any, Literal

from harness.errors import EnvironmentFault, UsageError

VERSION = 1
NAME = "journal.jsonl"
_MOST_BYTES = 256 * 1024 * 1024

Status = Literal["started", "graded", "unreadable", "fault"]


@dataclass
class State:
    """What is known of one submission.

    `name` is what it was called, `what` is why there is no grade; `digest` and the rest are those of the grade.
    """

    status: Status = "started"
    name: str = ""
    # Where it came from, and by which ref.
    source: str = ""
    attempt: int = 0
    what: str = ""
    fault: str = ""
    digest: str = ""
    versions: str = ""
    # Whether the grade is a number.
    gradable: bool = False
    # Why it is to be graded again, as long as it hasn't been.
    again: tuple[str, ...] = ()
    # Its host gave it not, and none of several others: so it is asked for once more.
    doubted: bool = False

    @property
    def over(self) -> bool:
        """Nothing is left to be done for it."""
        return self.status in ("graded", "unreadable")


@dataclass
class Journal:
    """The journal of one folder of results, which nobody else writes meanwhile. A context manager."""

    folder: Path
    challenge: str
    states: dict[str, State] = field(default_factory=dict)
    # What is being graded again and hasn't been ended (`--regrade`); empty when nothing is.
    regrading: str = ""
    # The ids that it was asked for.
    among: frozenset[str] = frozenset()
    # A half line that was cut off, to be told.
    cut: bool = False
    _file: FileIO | None = None
    _lock: Lock = field(default_factory=Lock)

    def __enter__(self) -> Journal:
        """Open it, and read what it holds.

        Raises:
            UsageError: another batch writes there, or the journal is of another version or challenge, or is none.
            EnvironmentFault: the disk refused.
        """
        path = self.folder / NAME
        try:
            # Unbuffered: what a full disk refused must not be tried again when the file is closed.
            file = self._file = path.open("ab+", buffering=0)
        except OSError as error:
            raise EnvironmentFault("the journal can't be written", where=str(path), detail=str(error)) from error
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            file.close()
            if not isinstance(error, BlockingIOError):
                raise EnvironmentFault(
                    "the journal can't be locked",
                    where=str(path),
                    detail=str(error),
                    next_step="name an --out on a disk that knows locks",
                ) from error
            raise UsageError(
                "another batch is at work in this folder",
                where=str(self.folder),
                next_step="wait for it, or name another --out",
            ) from error
        try:
            self._read(path, file)
        except BaseException:
            file.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()

    def _read(self, path: Path, file: FileIO) -> None:
        if file.seek(0, os.SEEK_END) > _MOST_BYTES:
            raise UsageError("no journal is that large", where=str(path), next_step="name another --out")
        file.seek(0)
        data = file.readall()
        whole, _, half = data.rpartition(b"\n")
        if half:
            self.cut = True
            file.truncate(len(data) - len(half))
        lines = whole.split(b"\n") if whole else []
        for number, line in enumerate(lines, 1):
            self._replay(path, number, line)
        if not lines:
            self._append({"journal": VERSION, "challenge": self.challenge})

    def _replay(self, path: Path, number: int, line: bytes) -> None:
        try:
            told = json.loads(line)
            if not isinstance(told, dict):
                raise ValueError("no JSON object")
            self.apply(told)
        except (ValueError, TypeError, RecursionError) as error:
            raise UsageError(
                "the journal is damaged",
                where=f"{path}:{number}",
                detail=str(error)[:200],
                next_step="put it back from a copy, or name another --out",
            ) from error
        if number == 1:
            self._same(path, told)

    def _same(self, path: Path, told: Mapping[str, Any]) -> None:
        if told.get("journal") != VERSION:
            raise UsageError(
                f"a journal of version {str(told.get('journal'))[:20]}, and this takehome writes {VERSION}",
                where=str(path),
                next_step="go on with the takehome that began it, or name another --out",
            )
        if told.get("challenge") != self.challenge:
            raise UsageError(
                f"this folder holds a batch of {str(told.get('challenge'))[:60]!r}, not of {self.challenge!r}",
                where=str(path),
                next_step="name another --out",
            )

    def apply(self, told: Mapping[str, Any]) -> None:
        """Take in what a line tells."""
        event = told.get("event")
        if event == "regrade":
            self._regrade(told)
        elif isinstance(told.get("id"), str):
            self._apply_to(self.states.setdefault(told["id"], State()), event, told)

    def _regrade(self, told: Mapping[str, Any]) -> None:
        """Begun for these, or (without a way to choose them) ended; another one takes its place."""
        asked = str(told.get("asked", ""))
        if asked != self.regrading:
            self.regrading, self.among = asked, frozenset()
            for state in self.states.values():
                state.again = ()
        # Before there was `among`, all that it was asked for was begun with it.
        self.among |= frozenset(map(str, told.get("among", told.get("ids", ()))))
        for id_, why in dict(told.get("ids", {})).items():
            self.states.setdefault(str(id_), State()).again = tuple(map(str, why))

    def _apply_to(self, state: State, event: object, told: Mapping[str, Any]) -> None:
        if event in ("started", "graded", "unreadable", "fault"):
            state.status = event
            state.attempt = int(told.get("attempt", state.attempt))
            state.name, state.source = str(told.get("name", state.name)), str(told.get("source", state.source))
            state.what, state.fault = str(told.get("what", "")), str(told.get("fault", ""))
        if event in ("graded", "unreadable", "kept"):
            state.again = ()
        if event == "kept":
            state.status = "graded"
        if event == "doubted":
            state.doubted, state.again = True, tuple(map(str, told.get("again", ())))
        if event == "graded":
            state.doubted = False
            state.digest, state.versions = str(told.get("digest", "")), str(told.get("versions", ""))
            state.gradable = told.get("gradable") is True

    def tell(self, event: str, id_: str = "", **rest: object) -> None:
        """Write a line; it is on the disk when this returns.

        Raises:
            EnvironmentFault: the disk refused.
        """
        told = {"event": event, "time": datetime.now(UTC).isoformat(timespec="seconds"), **rest}
        if id_:
            told["id"] = id_
        with self._lock:
            self._append(told)
            self.apply(told)

    def _append(self, told: Mapping[str, object]) -> None:
        if self._file is None:
            raise EnvironmentFault(
                "the journal can't be written",
                where=str(self.folder / NAME),
                detail="it has been closed",
                next_step="make room; the same command goes on",
            )
        line = memoryview(json.dumps(told).encode() + b"\n")
        size = self._file.seek(0, os.SEEK_END)
        try:
            while line:
                line = line[self._file.write(line) :]
            os.fsync(self._file.fileno())
        except OSError as error:
            try:
                self._file.truncate(size)
            except OSError:
                # Half a line that can't be taken back: nothing may follow it. Closing can fail on such a disk, too.
                with suppress(OSError):
                    self._file.close()
                self._file = None
            raise EnvironmentFault(
                "the journal can't be written",
                where=str(self.folder / NAME),
                detail=str(error),
                next_step="make room; the same command goes on",
            ) from error


def read_states(folder: Path) -> dict[str, State]:
    """What a journal knows, without opening it for writing; what can't be read of it is left out."""
    journal = Journal(folder, "")
    try:
        with (folder / NAME).open("rb") as file:
            lines = file.read(_MOST_BYTES).split(b"\n")
    except OSError:
        return {}
    for line in lines:
        with suppress(ValueError, TypeError, RecursionError):
            told = json.loads(line)
            if isinstance(told, dict):
                journal.apply(told)
    return journal.states
