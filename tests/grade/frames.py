"""What a prober sends, made by the prober's own code where it has some."""

from __future__ import annotations

from typing import Any

from harness.authoring.redact import Redactor
from harness.prober.result import Result, frame_of, not_assessed, passed
from tests.grade.fake_prober import Step

ALL = ("answers", "stores", "lists", "survives", "types", "extra")
BOUND: dict[str, Any] = {"kind": "bound"}
DONE: dict[str, Any] = {"kind": "done"}


def ready(seconds: object = 1.5, pulse: object = (2.0, 3.5)) -> dict[str, Any]:
    """The service answered after so many seconds."""
    return {"kind": "ready", "seconds": seconds, "pulse": pulse}


def not_ready(reason: str = "never listened", detail: str = "no connection") -> dict[str, Any]:
    """The service never answered."""
    summary = "The app didn't listen within 30 s"
    return {"kind": "not_ready", "summary": summary, "reason": reason, "detail": detail}


def started(id_: str) -> dict[str, Any]:
    """A check begins."""
    return {"kind": "started", "id": id_}


def collected(*ids: str) -> dict[str, Any]:
    """What the checks say of themselves."""
    return {
        "kind": "collected",
        "checks": [
            {
                "id": id_,
                "skill": "craft",
                "level": "junior",
                "passed": f"{id_} holds",
                "failed": f"{id_} does not hold",
                "why": f"why {id_}",
                "hint": f"hint for {id_}",
                "question": {"ask": "How?", "junior": "So.", "senior": "Better so."},
                "explained_by": ["blocking"] if id_ == "lists" else [],
            }
            for id_ in ids
        ],
    }


def ended(id_: str, result: Result) -> dict[str, Any]:
    """A check has ended."""
    return frame_of(id_, result, {}, 0.25, Redactor())


def passes(id_: str) -> dict[str, Any]:
    """A check has passed."""
    return ended(id_, passed(f"{id_} was seen"))


def fails(id_: str) -> dict[str, Any]:
    """A check has failed by the submission's fault."""
    return ended(id_, Result("fail", fault="submission", summary=f"{id_} was not seen", expected="200", actual="500"))


def half(id_: str) -> dict[str, Any]:
    """A check that earned half of its points."""
    return ended(id_, Result("partial", 0.5, f"half of {id_}", fault="submission"))


def blocked(id_: str, by: str) -> dict[str, Any]:
    """A check that could not run since another one failed."""
    return ended(id_, Result("blocked", summary=f"Needs what {by} checks", blocked_by=[by], fault="submission"))


def unassessed(id_: str, reason: str = "the stub broke") -> dict[str, Any]:
    """A check that could not be assessed by our fault."""
    return ended(id_, not_assessed("environment", reason))


def inapplicable(id_: str) -> dict[str, Any]:
    """A check that does not arise."""
    return ended(id_, Result("not_applicable", summary="there is nothing to list"))


def run(*steps: Step) -> list[Step]:
    """A whole run: the service gets ready, then `steps`, then the end."""
    return [BOUND, ready(), collected(*ALL), *steps, DONE]


def all_pass(*but: str) -> list[Step]:
    """All checks pass, but those named, of which nothing is heard."""
    return [passes(id_) for id_ in ALL if id_ not in but]
