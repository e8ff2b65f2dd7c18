"""The reference's time to ready: measured once a day, and never in the way."""

from __future__ import annotations

import os
import shutil
import time
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from harness import baseline
from harness.baseline import Baseline, baseline_of
from harness.challenge import Challenge, load_challenge
from harness.errors import EnvironmentFault
from harness.events import Note
from harness.runtime.process import ProcessRuntime
from harness.runtime.trust import ca_bundle
from harness.runtime.venv import VenvBuilder
from tests.runtime.conftest import CATALOGUE


class Broken(ProcessRuntime):
    """Can prepare nothing."""

    def environment(self, *_: Any) -> Any:
        raise EnvironmentFault("there is no room")


@pytest.fixture
def challenge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Challenge:
    """One whose reference starts, with a place of its own for what is measured."""
    monkeypatch.setattr(baseline, "cache_folder", lambda _name: tmp_path)
    shutil.copytree(CATALOGUE / "challenge", tmp_path / "tiny")
    shutil.copytree(CATALOGUE / "curious", tmp_path / "tiny" / "reference")
    return load_challenge(tmp_path / "tiny")


@pytest.mark.integration
def test_the_reference_is_started_once_and_remembered(challenge: Challenge) -> None:
    told: list[object] = []
    runtime = ProcessRuntime(VenvBuilder(ca_bundle=ca_bundle(None)))
    first = baseline_of(challenge, runtime, told.append)
    assert first is not None
    assert first.seconds > 0
    assert 0 < len(first.pulse) <= 40
    assert all(beat > 0 for beat in first.pulse)
    assert len(told) == 1
    assert baseline_of(challenge, Broken(VenvBuilder()), told.append) == first
    assert len(told) == 1


def test_a_reference_that_can_not_be_started_is_a_note(challenge: Challenge) -> None:
    told: list[object] = []
    assert baseline_of(challenge, Broken(VenvBuilder()), told.append) is None
    assert isinstance(told[-1], Note)
    assert "there is no room" in told[-1].text


@pytest.mark.extended
def test_what_was_measured_beside_other_work_is_not_believed(challenge: Challenge, tmp_path: Path) -> None:
    runtime = ProcessRuntime(VenvBuilder(ca_bundle=ca_bundle(None)))
    assert baseline_of(challenge, runtime, alone=lambda: nullcontext(False)) is None
    assert list(tmp_path.glob("*.json")) == []


@pytest.mark.parametrize(
    "kept",
    ["", '{"seconds": ', "[]", '{"seconds": "x", "pulse": []}', '{"seconds": 1}', '{"seconds": 1, "pulse": ["x"]}'],
)
def test_what_was_kept_and_is_no_number_is_measured_again(tmp_path: Path, kept: str) -> None:
    (tmp_path / "kept.json").write_text(kept)
    assert baseline._known(tmp_path / "kept.json") is None


def test_what_was_kept_whole_is_known(tmp_path: Path) -> None:
    (tmp_path / "kept.json").write_text('{"seconds": 1.5, "pulse": [1, 2.5]}')
    assert baseline._known(tmp_path / "kept.json") == Baseline(1.5, (1.0, 2.5))


def test_a_pulse_of_another_hour_is_not_compared_with(tmp_path: Path) -> None:
    kept = tmp_path / "kept.json"
    kept.write_text('{"seconds": 1.5, "pulse": [1, 2.5]}')
    hour_ago = time.time() - 3600
    os.utime(kept, (hour_ago, hour_ago))
    assert baseline._known(kept) == Baseline(1.5, ())


@pytest.mark.extended
def test_a_solution_that_has_changed_is_measured_again(challenge: Challenge) -> None:
    told: list[object] = []
    runtime = ProcessRuntime(VenvBuilder(ca_bundle=ca_bundle(None)))
    assert baseline_of(challenge, runtime, told.append) is not None
    (challenge.reference / "app" / "more.py").write_text("")
    assert baseline_of(challenge, runtime, told.append) is not None
    assert len(told) == 2
