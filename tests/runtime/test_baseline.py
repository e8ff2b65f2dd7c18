"""The reference's time to ready: measured once a day, and never in the way."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from harness import baseline
from harness.baseline import reference_ready
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


@pytest.mark.slow
def test_the_reference_is_started_once_and_remembered(challenge: Challenge) -> None:
    told: list[object] = []
    runtime = ProcessRuntime(VenvBuilder(ca_bundle=ca_bundle(None)))
    first = reference_ready(challenge, runtime, told.append)
    assert first is not None
    assert first > 0
    assert len(told) == 1
    assert reference_ready(challenge, Broken(VenvBuilder()), told.append) == first
    assert len(told) == 1


def test_a_reference_that_can_not_be_started_is_a_note(challenge: Challenge) -> None:
    told: list[object] = []
    assert reference_ready(challenge, Broken(VenvBuilder()), told.append) is None
    assert isinstance(told[-1], Note)
    assert "there is no room" in told[-1].text


@pytest.mark.parametrize("kept", ["", '{"seconds": ', "[]", '{"seconds": "x"}'])
def test_what_was_kept_and_is_no_number_is_measured_again(tmp_path: Path, kept: str) -> None:
    (tmp_path / "kept.json").write_text(kept)
    assert baseline._known(tmp_path / "kept.json") is None


@pytest.mark.slow
def test_a_solution_that_has_changed_is_measured_again(challenge: Challenge) -> None:
    told: list[object] = []
    runtime = ProcessRuntime(VenvBuilder(ca_bundle=ca_bundle(None)))
    assert reference_ready(challenge, runtime, told.append) is not None
    (challenge.reference / "app" / "more.py").write_text("")
    assert reference_ready(challenge, runtime, told.append) is not None
    assert len(told) == 2
