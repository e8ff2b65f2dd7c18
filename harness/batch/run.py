"""Run: the submissions of a batch, several at a time, each graded once and kept before it is told."""

from __future__ import annotations

import queue
import threading
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from harness.batch.journal import Journal
from harness.batch.regrade import differences, versions_of
from harness.batch.results import Results
from harness.batch.sources import Source
from harness.batch.worker import Attempt, attempt_of
from harness.cohort import Entry, entry_of
from harness.errors import HarnessFault, TakehomeError, UsageError
from harness.record import FaultName, GradeRecord, Problem
from harness.submission.git_remote import public

# So many faults of the environment in a row are no accident of one submission.
_ROW = 3
_TRIES = 2


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
    graded: int = 0
    unreadable: int = 0


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
        todo = [source for source in self._sources if not self._settled(source)]
        self._done = len(self._sources) - len(todo)
        for source in todo:
            self._queue.put(source)
        self._tell("begun", text=f"{len(todo)} to grade, {self._done} done before")
        threads = [
            threading.Thread(target=self._work, args=(slot,), name=f"slot-{slot}")
            for slot in range(min(jobs, len(todo)))
        ]
        for thread in threads:
            thread.start()
        try:
            for thread in threads:
                while thread.is_alive():
                    thread.join(0.2)
        except BaseException:
            self._cancelled.set()
            for thread in threads:
                thread.join()
            raise
        if self._broken is not None:
            raise self._broken
        self._results.sweep()
        self._outcome.stopped = self._cancelled.is_set() and not self._outcome.paused
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

    def _settled(self, source: Source) -> bool:
        """Whether nothing is to be done; a grade that was written but not yet told is told now."""
        state = self._journal.states.get(source.id)
        if state is None:
            return False
        if state.status == "started":
            self._results.restore(source.id, state.attempt)
            written = self._results.written(source.id, state.attempt)
            if self._results.in_place(source.id, state.attempt):
                self._note(source, state.attempt, None)
            elif written is not None and attempt_of(written).kind == "graded":
                self._keep(source, state.attempt)
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
            except Exception:  # noqa: BLE001 - a bug of ours must not end as a batch that waits for ever
                self._break(HarnessFault("a slot of the batch broke down", detail=traceback.format_exc()[-4000:]))

    def _break(self, error: TakehomeError) -> None:
        self._broken = self._broken or error
        self._cancelled.set()

    def _grade(self, slot: int, source: Source) -> None:
        attempt = Attempt("stopped")
        for tried in range(_TRIES):
            number = self._begin(source)
            self._tell("started" if tried == 0 else "retried", source.id, slot, text=source.name)
            out = self._results.work(source.id, number)
            attempt = self._grader(
                source, out, lambda line: self._tell("says", source.id, slot, text=line), self._cancelled
            )
            if attempt.kind != "fault" or self._cancelled.is_set():
                break
        self._end(slot, source, number, attempt)

    def _begin(self, source: Source) -> int:
        state = self._journal.states.get(source.id)
        number = (state.attempt if state else 0) + 1
        self._journal.tell("started", source.id, attempt=number, name=source.name, source=public(source.source))
        return number

    def _end(self, slot: int, source: Source, number: int, attempt: Attempt) -> None:
        if attempt.kind == "stopped":
            self._tell("stopped", source.id, slot)
            return
        with self._lock:
            self._done += 1
            if attempt.kind == "fault":
                self._fault(source, number, attempt)
            else:
                self._row = 0
                if attempt.kind == "graded":
                    self._keep(source, number)
                    self._outcome.graded += 1
                else:
                    self._journal.tell("unreadable", source.id, attempt=number, what=attempt.what[:4000])
                    self._outcome.unreadable += 1
        score = attempt.record.score.value if attempt.record is not None else None
        self._tell(attempt.kind, source.id, slot, text=attempt.what, score=score)

    def _keep(self, source: Source, number: int) -> None:
        before = self._results.read(source.id)
        self._results.keep(source.id, number)
        self._note(source, number, before)

    def _note(self, source: Source, number: int, before: GradeRecord | None) -> None:
        """Tell the journal of the grade that lies in its place, and of what it came after."""
        now = self._results.read(source.id)
        if now is None:
            self._journal.tell(
                "fault", source.id, attempt=number, fault="harness", what="the result can't be read again"
            )
            return
        if before is not None:
            why, changes = list(self._why.get(source.id, ())), differences(before, now)
            self._journal.tell("regraded", source.id, why=why, changes=changes)
            for line in [f"again: {', '.join(why) or 'begun before'}", *changes]:
                self._tell("changed", source.id, text=line)
        self._journal.tell(
            "graded", source.id, attempt=number, score=now.score.value, gradable=now.gradable,
            digest=now.submission.digest, versions=versions_of(now),
        )  # fmt: skip
        self._why.pop(source.id, None)

    def _fault(self, source: Source, number: int, attempt: Attempt) -> None:
        self._journal.tell("fault", source.id, attempt=number, fault=attempt.fault, what=attempt.what[:4000])
        self._outcome.faults[source.id] = attempt.fault
        self._row = self._row + 1 if attempt.fault == "environment" else 0
        if self._row >= _ROW and not self._outcome.paused:
            self._outcome.paused = attempt.what
            self._journal.tell("paused", what=attempt.what[:4000])
            self._cancelled.set()

    def _tell(self, kind: str, id_: str = "", slot: int = -1, *, text: str = "", score: float | None = None) -> None:
        self._listen(Told(kind, id_, slot, text, score, self._done, len(self._sources)))


def entries_of(sources: Sequence[Source], journal: Journal, results: Results) -> list[Entry]:
    """What the cohort is made of: every source, graded or not."""
    found = []
    for source in sources:
        state = journal.states.get(source.id)
        record = results.read(source.id) if state is not None and state.status != "unreadable" else None
        if record is not None:
            found.append(entry_of(source.id, record, results.earlier(source.id)))
            continue
        what = state.what.splitlines()[0] if state is not None and state.what.strip() else "not graded yet"
        blamed: FaultName = "submission" if state is not None and state.status == "unreadable" else "environment"
        found.append(Entry(id=source.id, problem=Problem(fault=blamed, what=what)))
    return found
