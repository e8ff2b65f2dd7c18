"""@check: what a check says of itself, kept beside the function that judges."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeVar, get_args

Skill = Literal[
    "async", "types", "api-design", "errors", "data", "performance", "resilience", "ml", "realtime", "craft"
]
Level = Literal["junior", "mid", "senior"]
Signal = Literal[
    "blocking-call",
    "per-request",
    "dangling-task",
    "swallowed-cancellation",
    "no-timeout",
    "no-model",
    "one-model",
    "unbounded",
    "on-event",
]
Function = TypeVar("Function", bound=Callable[..., Any])

_ATTRIBUTE = "__takehome_check__"
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True)
class Question:
    """The interview question that a check suggests, with what two kinds of answer sound like."""

    ask: str
    junior: str
    senior: str


@dataclass(frozen=True)
class Check:
    """`deadline_s` is for the whole check, in seconds; running into it is the grader's fault."""

    id: str
    skill: Skill
    level: Level
    passed: str
    failed: str
    why: str
    hint: str
    question: Question | None
    after: tuple[str, ...]
    explained_by: tuple[Signal, ...]
    visible: bool
    deadline_s: float

    def meta(self, source: str = "") -> dict[str, Any]:
        """As it goes to the host; `source` is where the check stands, as `file:line`."""
        meta = asdict(self)
        del meta["deadline_s"]
        meta["source"] = source
        meta["after"] = list(self.after)
        meta["explained_by"] = list(self.explained_by)
        return meta


def check(
    id: str,
    *,
    skill: Skill,
    level: Level,
    passed: str,
    failed: str,
    why: str = "",
    hint: str = "",
    question: Question | None = None,
    after: str | Sequence[str] = (),
    explained_by: Sequence[Signal] = (),
    visible: bool = False,
    deadline_s: float = 90.0,
) -> Callable[[Function], Function]:
    """Make a test function a check.

    `after` names checks without whose ability this one makes no sense: when one of them fails, this one is blocked.
    `explained_by` names concerns of the static analysis whose lines are shown when this check is lost.
    `visible` checks are shown to candidates beforehand.

    Raises:
        ValueError: something is not as it has to be.
    """
    found = Check(
        id=id,
        skill=skill,
        level=level,
        passed=passed,
        failed=failed,
        why=why,
        hint=hint,
        question=question,
        after=(after,) if isinstance(after, str) else tuple(after),
        explained_by=tuple(explained_by),
        visible=visible,
        deadline_s=deadline_s,
    )
    _validate(found)

    def mark(function: Function) -> Function:
        setattr(function, _ATTRIBUTE, found)
        return function

    return mark


def check_of(function: object) -> Check | None:
    """What `@check` left on a function."""
    found = getattr(function, _ATTRIBUTE, None)
    return found if isinstance(found, Check) else None


def _validate(found: Check) -> None:
    if not _ID.fullmatch(found.id):
        raise ValueError(f"a check's id is lower-case words joined by hyphens, not {found.id!r}")
    if found.skill not in get_args(Skill):
        raise ValueError(f"{found.id}: unknown skill {found.skill!r}")
    if found.level not in get_args(Level):
        raise ValueError(f"{found.id}: unknown level {found.level!r}")
    if unknown := set(found.explained_by) - set(get_args(Signal)):
        raise ValueError(f"{found.id}: unknown signal {', '.join(sorted(unknown))}")
    if not found.passed or not found.failed:
        raise ValueError(f"{found.id}: a check has a title for passing and one for failing")
    if found.deadline_s <= 0:
        raise ValueError(f"{found.id}: a deadline is more than 0 s")
