"""Events: what the engine says while it works. It never prints; the CLI and the journals listen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

# Before a line that says what a grade is at, where another process reads along: what has no such mark is an error.
BEGINS = "> "

Stage = Literal["ingest", "environment", "pod", "probe", "again", "image", "judge"]


@dataclass(frozen=True)
class StageStarted:
    stage: Stage
    text: str


@dataclass(frozen=True)
class StageEnded:
    stage: Stage
    text: str
    seconds: float


@dataclass(frozen=True)
class CheckStarted:
    id: str
    done: int
    total: int


@dataclass(frozen=True)
class CheckEnded:
    id: str
    outcome: str
    summary: str
    done: int
    total: int


@dataclass(frozen=True)
class Note:
    """Something the user should know that is no error."""

    text: str


Event = StageStarted | StageEnded | CheckStarted | CheckEnded | Note
Listener = Callable[[Event], None]


def ignore(_event: Event) -> None:
    """A listener that doesn't."""
