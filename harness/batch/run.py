"""Run: the submissions of a batch, several at a time, each graded once and kept before it is told."""

from __future__ import annotations

import queue
import threading
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeAlias

from harness.batch.journal import Journal, State
from harness.batch.origins import Refusals, came_from
from harness.batch.regrade import differences, versions_of
from harness.batch.results import Results
from harness.batch.slots import run_slots
from harness.batch.sources import Source
from harness.batch.worker import Attempt, attempt_of
from harness.errors import HarnessFault, TakehomeError, UsageError
from harness.record import GradeRecord
from harness.submission.git_remote import NOT_GIVEN, host_of

# So many faults without a grade between them are no accident of one submission.
_ROW = 3
_TRIES = 2
_LOST = "the result can't be read again"


@dataclass(frozen=True)
class Told:
    """Something happened, for whoever shows it. `slot` counts from 0; -1 for the batch as a whole."""

    kind: str
    id: str = ""
    slot: int = -1
    text: str = ""
    score: float | None = None
    done: int = 0
    total: int = 0


Grader: TypeAlias = Callable[[Source, Path, Callable[[str], None], threading.Event], Attempt]


@dataclass
class Outcome:
    """How a batch ended: why it paused (empty if it didn't), and the ids left undone by our fault."""

    paused: str = ""
    faults: dict[str, str] = field(default_factory=dict)
    stopped: bool = False
    # Those of which a part could not be judged, by a fault of ours.
    in_part: list[str] = field(default_factory=list)
    graded: int = 0
    unreadable: int = 0
    # The hosts that gave none of the repositories that they were asked for, with the ids.
    refused_by: dict[str, list[str]] = field(default_factory=dict)


class Batch:
    """One run over some sources, with an opened journal."""

    def __init__(
        self,
        sources: Sequence[Source],
        journal: Journal,
        results: Results,
        grader: Grader,
        listen: Callable[[Told], None],
        cancelled: threading.Event,
        *,
        why: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        """`why` has the ids to grade again although they are graded, each with the reasons."""
        self._sources, self._journal, self._results = sources, journal, results
        self._grader, self._listen, self._cancelled = grader, listen, cancelled
        self._why = dict(why or {})
        self._lock = threading.Lock()
        self._queue: queue.SimpleQueue[Source] = queue.SimpleQueue()
        self._row = 0
        self._done = 0
        self._refusals = Refusals()
        self._outcome = Outcome()
        self._broken: TakehomeError | None = None

    def run(self, jobs: int) -> Outcome:
        """Grade what is not graded yet, `jobs` at a time; returns when all is done, or cancelled, or paused.

        Raises:
            EnvironmentFault: the journal or a result can't be written.
            UsageError: an id stands for another submission than before.
        """
        self._same_names()
        self._results.prepare()
        self._recover()
        todo = [source for source in self._sources if not self._settled(source)]
        # Last, those that failed us before: some that always do must not keep all others from their turn.
        todo.sort(key=lambda source: self._journal.states.get(source.id, State()).status == "fault")
        self._done = len(self._sources) - len(todo)
        for source in todo:
            self._queue.put(source)
        before = f", {self._done} done before (what has changed since: --regrade changed)" if self._done else ""
        self._tell("begun", text=f"{len(todo)} to grade{before}")
        run_slots(self._work, min(jobs, len(todo)), self._cancelled)
        if self._broken is not None:
            raise self._broken
        self._outcome.refused_by = self._refusals.hosts()
        self._outcome.stopped = self._cancelled.is_set() and not self._outcome.paused
        if not self._cancelled.is_set():
            self._results.sweep()
        return self._outcome

    def _same_names(self) -> None:
        """See that each id stands for what it stood for: a new folder must not get the grade of an old archive."""
        for source in self._sources:
            state = self._journal.states.get(source.id)
            if state is not None and state.name and state.name != source.name:
                raise UsageError(
                    f"the id {source.id!r} was that of {state.name!r}, and is that of {source.name!r} now",
                    where=source.name,
                    next_step="rename it, or name another --out",
                )

    def _recover(self) -> None:
        """Tell of grades that were written, and not told when the batch was killed: of all, whoever is graded now."""
        self._results.restore()
        for id_, state in list(self._journal.states.items()):
            if state.status != "started":
                continue
            written = self._results.written(id_, state.attempt)
            told = True
            if self._results.in_place(id_, state.attempt):
                told = self._note(id_, state.attempt, next(reversed(self._results.earlier(id_)), None))
            elif written is not None and attempt_of(written).kind == "graded":
                told = self._keep(id_, state.attempt)
            if not told:
                self._journal.tell("fault", id_, attempt=state.attempt, fault="harness", what=_LOST)

    def _foreign(self, source: Source) -> bool:
        """Whether something lies in its place that no grade made. That is not moved, and harms no other."""
        if not self._results.is_foreign(source.id):
            return False
        what = f"something is in its place that no grade made: move {self._results.folder / source.id} away"
        self._journal.tell("fault", source.id, name=source.name, fault="environment", what=what)
        self._outcome.faults[source.id] = "environment"
        self._tell("note", source.id, text=what)
        return True

    def _settled(self, source: Source) -> bool:
        """Whether nothing is to be done, or can be."""
        if self._foreign(source):
            return True
        state = self._journal.states.get(source.id)
        if state is None:
            return False
        if state.status == "graded" and not self._results.there(source.id):
            self._tell("note", source.id, text="its result is gone; it is graded again")
            return False
        return state.over and source.id not in self._why

    def _work(self, slot: int) -> None:
        while not self._cancelled.is_set():
            try:
                source = self._queue.get_nowait()
            except queue.Empty:
                return
            try:
                self._grade(slot, source)
            except TakehomeError as error:
                self._break(error)
            except BaseException:  # noqa: BLE001 - no slot may end without a word, by whatever
                self._break(HarnessFault("a slot of the batch broke down", detail=traceback.format_exc()[-4000:]))

    def _break(self, error: TakehomeError) -> None:
        self._broken = self._broken or error
        self._cancelled.set()

    def _grade(self, slot: int, source: Source) -> None:
        attempt = Attempt("stopped")
        for tried in range(_TRIES):
            number = self._next(source)
            self._results.clear(source.id, number)
            self._journal.tell("started", source.id, attempt=number, name=source.name, source=came_from(source))
            self._tell("started" if tried == 0 else "retried", source.id, slot, text=source.name)
            out = self._results.work(source.id, number)
            attempt = self._grader(
                source, out, lambda line: self._tell("says", source.id, slot, text=line), self._cancelled
            )
            if attempt.kind != "fault" or self._cancelled.is_set():
                break
        in_part = attempt.fault == "harness" and attempt.record is not None and attempt.record.gradable
        if in_part and not self._cancelled.is_set():
            # What breaks us each time may be the submission's own doing: what could be judged counts.
            attempt = replace(attempt, kind="graded")
        self._end(slot, source, number, attempt, in_part=in_part)

    def _next(self, source: Source) -> int:
        state = self._journal.states.get(source.id)
        return (state.attempt if state else 0) + 1

    def _end(self, slot: int, source: Source, number: int, attempt: Attempt, *, in_part: bool) -> None:
        if attempt.kind == "stopped":
            self._tell("stopped", source.id, slot)
            return
        with self._lock:
            self._done += 1
            if attempt.kind == "graded" and not self._keep(source.id, number):
                attempt = Attempt("fault", what=_LOST, fault="harness")
            if attempt.kind == "fault":
                self._fault(source, number, attempt)
            elif attempt.kind == "graded":
                self._row = 0
                self._outcome.graded += 1
                self._given(source)
                if in_part:
                    self._outcome.in_part.append(source.id)
            else:
                # It says nothing of the environment, good or bad.
                kept = self._results.there(source.id)
                event = "kept" if kept else "unreadable"
                self._journal.tell(event, source.id, attempt=number, what=attempt.what[:4000])
                self._outcome.unreadable += 1
                if attempt.what.startswith(NOT_GIVEN):
                    self._refused(source, attempt.what)
                else:
                    self._given(source)
                attempt = replace(attempt, what=f"{attempt.what}; the earlier grade stays" if kept else attempt.what)
        score = attempt.record.score.value if attempt.record is not None else None
        self._tell(attempt.kind, source.id, slot, text=attempt.what, score=score)

    def _keep(self, id_: str, number: int) -> bool:
        before = self._results.read(id_)
        self._results.keep(id_, number)
        return self._note(id_, number, before)

    def _note(self, id_: str, number: int, before: GradeRecord | None) -> bool:
        """Tell the journal of the grade that lies in its place, and of what it came after; False when there is none."""
        now = self._results.read(id_)
        if now is None:
            return False
        if before is not None:
            why = list(self._why.get(id_) or self._journal.states[id_].again)
            changes = differences(before, now)
            self._journal.tell("regraded", id_, why=why, changes=changes)
            for line in [f"again: {', '.join(why) or 'begun before'}", *changes]:
                self._tell("changed", id_, text=line)
        self._journal.tell(
            "graded", id_, attempt=number, score=now.score.value, gradable=now.gradable,
            digest=now.submission.digest, versions=versions_of(now),
        )  # fmt: skip
        self._why.pop(id_, None)
        return True

    def _fault(self, source: Source, number: int, attempt: Attempt) -> None:
        self._journal.tell("fault", source.id, attempt=number, fault=attempt.fault, what=attempt.what[:4000])
        self._outcome.faults[source.id] = attempt.fault
        # Whoever is at fault, they are all at it.
        self._row += 1
        if self._row >= _ROW and not self._outcome.paused:
            self._outcome.paused = attempt.what
            self._journal.tell("paused", what=attempt.what[:4000])
            self._cancelled.set()

    def _refused(self, source: Source, what: str) -> None:
        """Its host gave no such repository: after some in a row that may be our login's fault, and not theirs.

        They are asked for once more. What is not given then, either, is not there.
        """
        if self._journal.states[source.id].doubted:
            return
        for id_, why in self._refusals.add(source, what):
            if self._journal.states[id_].status == "unreadable":
                said = f"{host_of(source.source)} gives none of several repositories: {why}"
                self._journal.tell("fault", id_, fault="environment", what=said[:4000])
                self._outcome.faults[id_] = "environment"
            self._journal.tell("doubted", id_, again=list(self._why.get(id_, ())))

    def _given(self, source: Source) -> None:
        """Its host gives repositories: what it did not give can't be read, after all."""
        for id_, why in self._refusals.clear(source):
            if self._outcome.faults.pop(id_, None):
                self._journal.tell("unreadable", id_, what=why[:4000])

    def _tell(self, kind: str, id_: str = "", slot: int = -1, *, text: str = "", score: float | None = None) -> None:
        self._listen(Told(kind, id_, slot, text, score, self._done, len(self._sources)))
