"""A small challenge, a submission to it, and a harness whose time passes only when a test says so."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness import clock as stage_clock
from harness import grade as grading
from harness import session
from harness.challenge import Challenge, CheckEntry, Services, load_challenge
from harness.events import Event, Listener, Note, StageStarted
from harness.grade import GradeRequest, grade
from harness.record import CheckResult, GradeRecord, Problem
from tests.grade.fake_clock import FakeCancelled, FakeClock
from tests.grade.fake_prober import FakeChannel, Step
from tests.grade.fake_runtime import FakePod, FakeRuntime, Scene

CATALOGUE = Path(__file__).parent / "catalogue"


def problem_of(record: GradeRecord) -> Problem:
    """The problem of a record that has one."""
    assert record.problem is not None
    return record.problem


def outcomes(record: GradeRecord) -> dict[str, str]:
    """How each check ended."""
    return {check.id: check.outcome for check in record.checks}


def check_of(record: GradeRecord, id_: str) -> CheckResult:
    """The result of one check."""
    return next(check for check in record.checks if check.id == id_)


class Lab:
    """Grades the submission in `source` on a runtime in memory."""

    def __init__(self, challenge: Challenge, source: Path, clock: FakeClock) -> None:
        self.challenge, self.source, self.clock = challenge, source, clock
        self.cancelled = FakeCancelled(clock)
        self.runtime = FakeRuntime(clock)
        self.events: list[Event] = []
        self.listener: Listener = self.events.append

    def grade(self, *scenes: Scene | Sequence[Step], **request: Any) -> GradeRecord:
        """The record of a grade whose pods play `scenes`."""
        self.runtime.scenes = [scene if isinstance(scene, Scene) else Scene(scene) for scene in scenes]
        asked: dict[str, Any] = {"source": str(self.source), "challenge": self.challenge, "seed": 7} | request
        return grade(GradeRequest(**asked), lambda: self.runtime, self.listener, self.cancelled)

    @property
    def pod(self) -> FakePod:
        """The first pod of the last grade."""
        return self.runtime.pods[0]

    @property
    def channel(self) -> FakeChannel:
        """The channel to the prober of the first pod."""
        assert self.pod.channel is not None
        return self.pod.channel

    @property
    def notes(self) -> list[str]:
        """What the listener was told in passing."""
        return [event.text for event in self.events if isinstance(event, Note)]

    @property
    def stages(self) -> list[str]:
        """The stages that began, in order."""
        return [event.stage for event in self.events if isinstance(event, StageStarted)]

    def without_postgres(self) -> None:
        """The challenge has no PostgreSQL."""
        environment = {"SECRET_KEY": "{secret.signing}"}
        spec = self.challenge.spec.model_copy(update={"services": Services(), "environment": environment})
        self.challenge = replace(self.challenge, spec=spec)

    def with_check(self, name: str) -> None:
        """The challenge has one more check, of the tier `should`."""
        entry = CheckEntry(tier="should", skill="craft", level="mid", title=name)
        spec = self.challenge.spec.model_copy(update={"checks": {**self.challenge.spec.checks, name: entry}})
        self.challenge = replace(self.challenge, spec=spec)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> FakeClock:
    """The time of grade, session and stages."""
    made = FakeClock()
    for module in (grading, session, stage_clock):
        monkeypatch.setattr(module, "time", made)
    # How often a thread that works beside the probing is looked at, in real time.
    monkeypatch.setattr(session, "_POLL_S", 0.005)
    return made


@pytest.fixture
def lab(tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lab]:
    """However a grade ended: no pod is left open, and no folder is left behind."""
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    monkeypatch.setenv("TAKEHOME_CACHE", str(tmp_path / "cache"))
    shutil.copytree(CATALOGUE / "challenge", tmp_path / "shop")
    shutil.copytree(CATALOGUE / "submission", tmp_path / "submission")
    made = Lab(load_challenge(tmp_path / "shop"), tmp_path / "submission", clock)
    yield made
    made.runtime.assert_all_closed()
    assert list(temporary.iterdir()) == []
