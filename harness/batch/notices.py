"""Notices: what a batch says before it begins and at its end, of all submissions, whenever they were graded. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from harness.batch.journal import Journal, State
from harness.batch.origins import moved
from harness.batch.run import Outcome, Told
from harness.batch.sources import Source

_NAMED = 8


def opening(
    sources: Sequence[Source], chosen: Sequence[Source], journal: Journal, regrade: str | None
) -> Iterator[str]:
    """What is worth knowing of the runs before."""
    if journal.cut:
        yield "half a line at the journal's end was dropped"
    gone = sorted(set(journal.states) - {source.id for source in sources})
    if gone:
        yield f"graded here before, and not among the submissions any more: {', '.join(gone[:_NAMED])}"
    if elsewhere := moved(chosen, journal.states):
        yield from elsewhere[:_NAMED]
        yield "what has changed is graded again by --regrade changed"
    if journal.regrading and regrade != journal.regrading:
        then = f"--regrade {regrade} takes its place" if regrade else "it goes on when it is given again"
        yield f"--regrade {journal.regrading} was begun and not ended: {then}"


def closing(sources: Sequence[Source], states: Mapping[str, State], outcome: Outcome, page: Path) -> Iterator[Told]:
    """What is left undone and why, the tally, and where the page is."""
    refused = {id_ for ids in outcome.refused_by.values() for id_ in ids}
    for id_, fault in outcome.faults.items():
        if id_ not in refused:
            yield Told("note", id_, text=f"not graded, by a fault of the {fault}'s; the same command tries again")
    for id_ in outcome.in_part:
        yield Told("note", id_, text="graded as far as it could be: a part was lost by a fault of ours, twice")
    if outcome.paused:
        yield Told("paused", text=f"{outcome.paused}\nmend it (`takehome doctor`), then give the same command again")
    for host, ids in outcome.refused_by.items():
        what = f"{host} gave none of {len(ids)} repositories; see that the login there is valid"
        yield Told("note", text=f"{what}, then give the same command again")
    known = [(source.id, states.get(source.id, State())) for source in sources]
    over = sum(state.over for _, state in known)
    yield Told("tally", text=_tally(known), done=over, total=len(sources))
    unreadable = [id_ for id_, state in known if state.status == "unreadable"]
    if unreadable:
        yield Told("note", text="what can't be read is tried again with --regrade changed, once it is mended")
    if outcome.stopped:
        yield Told("note", text="stopped; the same command goes on where it was")
    yield Told("finished", text=str(page), done=over, total=len(sources))


def _tally(known: Sequence[tuple[str, State]]) -> str:
    graded = [(id_, state) for id_, state in known if state.status == "graded"]
    parts = [
        ("with a score", [id_ for id_, state in graded if state.gradable], False),
        ("without a score", [id_ for id_, state in graded if not state.gradable], True),
        ("can't be read", [id_ for id_, state in known if state.status == "unreadable"], True),
        ("not graded", [id_ for id_, state in known if not state.over], True),
    ]
    said = [f"{len(ids)} {what}{_named(ids) if named else ''}" for what, ids, named in parts if ids]
    return f"{len(known)} submission{'s' * (len(known) != 1)}: {', '.join(said)}"


def _named(ids: Sequence[str]) -> str:
    more = f" and {len(ids) - _NAMED} more" if len(ids) > _NAMED else ""
    return f" ({', '.join(ids[:_NAMED])}{more})"
