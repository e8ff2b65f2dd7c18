"""Evidence: what the prober and the tools said, checked on arrival and otherwise untouched."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from harness.record import EvidenceItems, FaultName, Level, Outcome, Question, Skill


class _Frame(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class CheckMeta(_Frame):
    """What a check says of itself, wherever it ends up."""

    id: str
    skill: Skill
    level: Level
    passed: str
    failed: str
    why: str = ""
    hint: str = ""
    question: Question | None = None
    after: list[str] = []
    explained_by: list[str] = []
    visible: bool = False
    source: str = ""


class CheckFrame(_Frame):
    """What one check found."""

    id: str
    outcome: Outcome
    fraction: float = Field(default=0.0, ge=0, le=1)
    summary: str = ""
    expected: str = ""
    actual: str = ""
    hint: str = ""
    blocked_by: list[str] = []
    fault: FaultName | None = None
    reason: str = ""
    evidence: EvidenceItems = EvidenceItems()
    seconds: float = 0.0


@dataclass
class Evidence:
    """All that one run of a pod brought to light. `began` has moments of `time.monotonic`, as in a record's.

    `attempts` has the outcomes of each check that was run more than once. `pulse` is in milliseconds, see
    `harness.prober.readiness`. `alone` says that no other grade was at work on the machine meanwhile, where that was
    asked for.
    """

    metas: dict[str, CheckMeta] = field(default_factory=dict)
    frames: dict[str, CheckFrame] = field(default_factory=dict)
    attempts: dict[str, list[Outcome]] = field(default_factory=dict)
    began: dict[str, float] = field(default_factory=dict)
    ready_seconds: float | None = None
    pulse: list[float] = field(default_factory=list)
    alone: bool = True
    not_ready: NotReady | None = None
    interrupted: str = ""
    interrupted_fault: FaultName = "harness"
    static: dict[str, Any] | None = None
    trial: dict[str, Any] | None = None
    trial_problem: str = ""


@dataclass(frozen=True)
class NotReady:
    """The candidate's app never answered; `log` is the tail of what it printed."""

    summary: str
    reason: str
    detail: str
    log: tuple[str, ...] = ()
