"""Human: what people judge of a submission, with anchored levels; and how far two of them agree. Pure but for reading.

The levels are a behaviourally anchored rating scale (Smith and Kendall, 1963): each has a sentence that is true or not.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from harness.errors import UsageError

LEVELS = 5
# Fewer pairs say nothing about chance.
FEWEST_FOR_KAPPA = 6


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Criterion(_Model):
    """One question to the reader; `anchors` has a sentence for each level, 0 to 4."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,40}$")]
    title: str
    look_at: str = ""
    anchors: Annotated[list[str], Field(min_length=LEVELS, max_length=LEVELS)]


class _File(_Model):
    criteria: list[Criterion]


class Rating(_Model):
    """A level from 0 to 4, or none with the reason in `skip`."""

    level: Annotated[int, Field(ge=0, lt=LEVELS)] | None = None
    comment: Annotated[str, Field(max_length=4000)] = ""
    skip: Annotated[str, Field(max_length=500)] = ""


@dataclass(frozen=True)
class Agreement:
    """Two readers beside each other. `kappa` is Cohen's, with quadratic weights; None where it would say nothing.

    Cohen, Weighted kappa, Psychological Bulletin 70 (1968).
    """

    pairs: int
    exact: int
    gaps: tuple[str, ...]
    kappa: float | None


def read_criteria(paths: Sequence[Path]) -> list[Criterion]:
    """The criteria of some files, in their order.

    Raises:
        UsageError: a file can't be read, or an id is there twice.
    """
    found: list[Criterion] = []
    for path in paths:
        try:
            found += _File.model_validate(tomllib.loads(path.read_text("utf-8"))).criteria
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise UsageError("the criteria can't be read", where=str(path), detail=str(error)) from error
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            key = ".".join(map(str, first["loc"]))
            raise UsageError("a criterion is wrong", where=f"{path}: {key}", detail=first["msg"]) from error
    twice = [one.id for at, one in enumerate(found) if one.id in {other.id for other in found[:at]}]
    if twice:
        raise UsageError(f"the criterion {twice[0]!r} is there twice", where=", ".join(map(str, paths)))
    return found


def checked(ratings: Mapping[str, Rating], criteria: Sequence[Criterion], where: str) -> None:
    """See that every criterion has a level, or a reason why it has none.

    Raises:
        UsageError: one is missing, unknown, or has both or neither.
    """
    known = {criterion.id for criterion in criteria}
    for name, rating in ratings.items():
        if name not in known:
            raise UsageError(f"no criterion {name!r}", where=where, detail=f"known: {', '.join(sorted(known))}")
        if (rating.level is None) == (not rating.skip.strip()):
            raise UsageError(
                "a level, or skip with the reason", where=f"{where}: {name}", next_step=f"level = 0 to {LEVELS - 1}"
            )
    missing = [criterion.id for criterion in criteria if criterion.id not in ratings]
    if missing:
        raise UsageError(
            f"nothing is said of {', '.join(missing)}", where=where, next_step='a level each, or skip = "why"'
        )


def agreement(first: Mapping[str, Rating], second: Mapping[str, Rating]) -> Agreement:
    """How far two readers agree over what both rated."""
    pairs = [
        (name, first[name].level, second[name].level)
        for name in first
        if name in second and first[name].level is not None and second[name].level is not None
    ]
    levels = [(a, b) for _, a, b in pairs if a is not None and b is not None]
    return Agreement(
        pairs=len(levels),
        exact=sum(a == b for a, b in levels),
        gaps=tuple(name for name, a, b in pairs if a is not None and b is not None and abs(a - b) > 1),
        kappa=_kappa(levels) if len(levels) >= FEWEST_FOR_KAPPA else None,
    )


def _kappa(levels: Sequence[tuple[int, int]]) -> float | None:
    seen = sum((a - b) ** 2 for a, b in levels) / len(levels)
    chance = sum((a - b) ** 2 for a, _ in levels for _, b in levels) / len(levels) ** 2
    return round(1 - seen / chance, 2) if chance else None
