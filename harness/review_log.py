"""ReviewLog: what people said of a grade, beside it, line by line. Nothing in it is ever changed or taken back."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from harness.errors import EnvironmentFault, UsageError
from harness.human import Rating
from harness.stored import RESULT

NAME = "review.jsonl"
_MOST_BYTES = 16 * 1024 * 1024


class _Line(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Literal[1] = 1
    time: str = ""
    # sha256 of the result.json that was looked at.
    record: str = ""


class Submitted(_Line):
    """A whole review; `alone`: no second one is waited for."""

    kind: Literal["submitted"] = "submitted"
    by: Annotated[str, Field(min_length=1, max_length=40)]
    alone: bool = False
    ratings: dict[str, Rating]


class Amended(_Line):
    """A level that a reviewer sees otherwise afterwards, and why."""

    kind: Literal["amended"] = "amended"
    by: Annotated[str, Field(min_length=1, max_length=40)]
    criterion: str
    rating: Rating
    reason: str


class Override(_Line):
    """What a person makes of a check's outcome; the machine's stays, and so does its score."""

    kind: Literal["override"] = "override"
    by: Annotated[str, Field(min_length=1, max_length=40)]
    check: str
    to: Literal["pass", "partial", "fail", "not_assessed"]
    reason: str


Event = Annotated[Submitted | Amended | Override, Field(discriminator="kind")]
_EVENT: TypeAdapter[Submitted | Amended | Override] = TypeAdapter(Event)


@dataclass(frozen=True)
class Review:
    """Everything said of one grade.

    `stale`: some of it was said of another result.json; `cut`: half a line at the end was dropped.
    """

    reviews: tuple[Submitted, ...] = ()
    amended: tuple[Amended, ...] = ()
    overrides: tuple[Override, ...] = ()
    stale: bool = False
    cut: bool = False

    @property
    def complete(self) -> bool:
        """Whether nobody is waited for any more: only then may anybody see it."""
        return len(self.reviews) > 1 or any(review.alone for review in self.reviews)


def read_review(folder: Path) -> Review:
    """What was said of the grade in a folder; nothing where nobody has said anything.

    Raises:
        UsageError: the log is of another version, or damaged.
    """
    path = folder / NAME
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
    except FileNotFoundError:
        return Review()
    except OSError as error:
        raise UsageError("the reviews can't be read", where=str(path), detail=error.strerror or "") from error
    if len(data) > _MOST_BYTES:
        raise UsageError("no review is that large", where=str(path))
    whole, _, half = data.rpartition(b"\n")
    events = [_event(path, number, line) for number, line in enumerate(whole.split(b"\n") if whole else [], 1)]
    now = digest_of(folder)
    return Review(
        reviews=tuple(event for event in events if isinstance(event, Submitted)),
        amended=tuple(event for event in events if isinstance(event, Amended)),
        overrides=tuple(event for event in events if isinstance(event, Override)),
        stale=any(event.record != now for event in events),
        cut=bool(half),
    )


def _event(path: Path, number: int, line: bytes) -> Submitted | Amended | Override:
    try:
        told = json.loads(line)
        if isinstance(told, dict) and told.get("version") != 1:
            raise UsageError(
                f"a review of version {str(told.get('version'))[:20]}, and this takehome reads 1",
                where=f"{path}:{number}",
                next_step="read it with the takehome that wrote it",
            )
        return _EVENT.validate_python(told)
    except (ValueError, RecursionError, ValidationError) as error:
        raise UsageError("the reviews are damaged", where=f"{path}:{number}", detail=str(error)[:300]) from error


def append(folder: Path, event: Submitted | Amended | Override) -> None:
    """Add a line; it is on the disk when this returns. A half line at the end, of a process that was killed, goes.

    Raises:
        UsageError: this reviewer has submitted already, or two others have.
        EnvironmentFault: the disk refused.
    """
    path = folder / NAME
    stamped = event.model_copy(
        update={"time": datetime.now(UTC).isoformat(timespec="seconds"), "record": digest_of(folder)}
    )
    try:
        with path.open("ab+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            if isinstance(event, Submitted):
                _allowed(read_review(folder), event.by, path)
            file.seek(0)
            data = file.read(_MOST_BYTES)
            file.truncate(len(data) - len(data.rpartition(b"\n")[2]))
            file.write(stamped.model_dump_json().encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise EnvironmentFault("the review can't be written", where=str(path), detail=str(error)) from error


def _allowed(review: Review, by: str, path: Path) -> None:
    names = [one.by for one in review.reviews]
    if by in names:
        raise UsageError(
            f"{by!r} has submitted already, and what is submitted stays",
            where=str(path),
            next_step="`--amend CRITERION --to LEVEL --reason ...` adds a line",
        )
    if len(names) > 1 or review.complete:
        raise UsageError(
            "all reviews of this grade are in",
            where=str(path),
            detail=f"by {', '.join(names)}",
            next_step="`--show` shows them",
        )


def digest_of(folder: Path) -> str:
    """sha256 of the folder's result.json; empty when there is none."""
    try:
        return hashlib.sha256((folder / RESULT).read_bytes()).hexdigest()
    except OSError:
        return ""
