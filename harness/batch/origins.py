"""Origins: where submissions come from, as the journal knows it. Pure but for whether a path is there."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from harness.batch.journal import State
from harness.batch.sources import Source
from harness.batch.worker import Attempt
from harness.submission.git_remote import NOT_GIVEN, host_of, public

# So many refusals by one host, and nothing else from it, are no accident of one repository.
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


def refusing(sources: Sequence[Source], ended: Mapping[str, Attempt]) -> dict[str, list[str]]:
    """The hosts that gave none of several repositories, with the ids: that says more of our login than of them.

    `ended` has how each that was tried has ended, by its id.
    """
    by_host: dict[str, list[str]] = {}
    for source in sources:
        if source.id in ended and (host := host_of(source.source)):
            by_host.setdefault(host, []).append(source.id)
    return {
        host: ids
        for host, ids in by_host.items()
        if len(ids) >= _REFUSALS and all(ended[id_].what.startswith(NOT_GIVEN) for id_ in ids)
    }
