"""The order of checks: as declared, except that nothing comes before what it needs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TypeVar

from harness.authoring.checks import Check

Item = TypeVar("Item")


def in_order(items: Sequence[Item], check_of: Callable[[Item], Check]) -> list[Item]:
    """`items`, each moved back behind the last one that it needs. What is needed and not there is left out of account.

    Raises:
        ValueError: two checks have one id, or checks need each other in a circle.
    """
    ids = [check_of(item).id for item in items]
    twice = [id_ for id_, times in Counter(ids).items() if times > 1]
    if twice:
        raise ValueError(f"more than one check is called {', '.join(sorted(twice))}")
    waiting, known = list(items), set(ids)
    placed: list[Item] = []
    done: set[str] = set()
    while waiting:
        ready = next((i for i in waiting if set(check_of(i).after) & known <= done), None)
        if ready is None:
            raise ValueError(f"checks wait for each other: {', '.join(check_of(i).id for i in waiting)}")
        waiting.remove(ready)
        placed.append(ready)
        done.add(check_of(ready).id)
    return placed


def put_first(items: Sequence[Item], first: str, check_of: Callable[[Item], Check]) -> list[Item]:
    """`items` with the check called `first`, and all that it needs, before the others."""
    by_id = {check_of(item).id: item for item in items}
    needed: set[str] = set()
    waiting = [first]
    while waiting:
        id_ = waiting.pop()
        if id_ in by_id and id_ not in needed:
            needed.add(id_)
            waiting += check_of(by_id[id_]).after
    return sorted(items, key=lambda item: check_of(item).id not in needed)
