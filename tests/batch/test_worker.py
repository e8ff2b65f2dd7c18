"""What a grade in a process of its own says: what it is at, and why it ended."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from harness.batch.worker import Said, run_grade
from tests.cli.test_bad_input import TINY
from tests.cli.test_full_disk import full

__all__ = ["full"]

OPTIONS = ("-c", str(TINY / "challenge"), "--runtime", "process", "--i-trust-this-code", "--no-baseline")


@pytest.mark.integration
def test_why_it_ended_is_told_without_what_it_was_at_before(full: Path) -> None:
    filler = full / "filler"
    with filler.open("ab") as file:
        # Room to begin with, and not for a report.
        file.truncate(filler.stat().st_size - 8192)
    said: list[str] = []
    attempt = run_grade(
        [str(TINY / "curious"), *OPTIONS], full / "out", deadline_s=300, say=said.append, cancelled=threading.Event()
    )
    assert (attempt.kind, attempt.fault) == ("fault", "environment")
    assert f"the result can't be written\n  where: {full}/out/" in attempt.what
    assert "No space left on device" in attempt.what
    assert "preparing the environment" in said
    assert "preparing the environment" not in attempt.what


def test_a_grade_that_was_killed_tells_how_far_it_had_come() -> None:
    said = Said(at="[2/3] counting")
    assert "killed (137), by somebody or for want of memory; it was at: [2/3] counting" in said.why(137)


def test_a_grade_that_ended_without_a_word_tells_its_code_and_how_far_it_had_come() -> None:
    assert Said().why(-11) == "ended with -11; it was at: its start"
    assert Said(at="judging").why(-11) == "ended with -11; it was at: judging"
