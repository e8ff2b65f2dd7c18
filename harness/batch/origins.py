"""Origins: where submissions come from, as the journal knows it. Pure but for whether a path is there."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from harness.batch.journal import State
from harness.batch.sources import Source
from harness.submission.git_remote import host_of, public

# So many refusals by one host in a row are no accident of one repository.
_REFUSALS = 3


def came_from(source: Source) -> str:
    """A source as the journal knows it: without a password, and the same from whatever folder it is named."""
    text = public(source.source)
    if "://" not in text:
        text = os.path.abspath(text) if os.path.lexists(text) else text
    return f"{text} {source.ref}" if source.ref else text


def moved(sources: Sequence[Source], states: Mapping[str, State]) -> list[str]:
    """Those that are graded, and come from elsewhere now, each a sentence."""
    return [
        f"{source.id} was graded from {state.source}, and is at {now} now"
        for source in sources
        if (state := states.get(source.id))
        and state.over
        and state.source
        and state.source != (now := came_from(source))
    ]


class Refusals:
    """The repositories that each host did not give, in a row: many say more of our login than of them."""

    def __init__(self) -> None:
        self._rows: dict[str, list[tuple[str, str]]] = {}

    def add(self, source: Source, what: str) -> list[tuple[str, str]]:
        """One that was not given, and what was said; once they are many, those of the row that are new by that."""
        host = host_of(source.source)
        if not host:
            return []
        row = self._rows.setdefault(host, [])
        row.append((source.id, what))
        if len(row) == _REFUSALS:
            return row
        return row[-1:] if len(row) > _REFUSALS else []

    def clear(self, source: Source) -> list[tuple[str, str]]:
        """One that was given; the row that is ended by it."""
        return self._rows.pop(host_of(source.source), [])

    def hosts(self) -> dict[str, list[str]]:
        """The hosts that have given none lately, with the ids."""
        return {host: [id_ for id_, _ in row] for host, row in self._rows.items() if len(row) >= _REFUSALS}
