"""Entries: what the cohort is made of. Every submission, graded or not."""

from __future__ import annotations

from collections.abc import Sequence

from harness.batch.journal import Journal, State
from harness.batch.results import Results
from harness.batch.sources import Source
from harness.cohort import Entry, entry_of
from harness.record import Problem


def entries_of(sources: Sequence[Source], journal: Journal, results: Results) -> list[Entry]:
    """What the cohort is made of: every source, graded or not."""
    found = []
    for source in sources:
        state = journal.states.get(source.id)
        record = results.read(source.id) if state is not None and state.status != "unreadable" else None
        if record is not None:
            found.append(entry_of(source.id, record, results.earlier(source.id), name=source.name))
        else:
            found.append(Entry(id=source.id, name=source.name, problem=why_not(state)))
    return found


def why_not(state: State | None) -> Problem:
    """Why there is no grade."""
    if state is None or state.status == "started":
        return Problem(fault="environment", what="not graded yet")
    if state.status == "graded":
        return Problem(fault="environment", what="its result can't be read; --regrade all grades it again")
    what = state.what.strip().partition("\n")[0] or "no reason is known"
    if state.status == "unreadable":
        return Problem(fault="submission", what=what)
    return Problem(fault="environment", what=f"not graded, through no fault of the submission: {what}")
