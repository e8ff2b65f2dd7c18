"""Syntax trees are made by one thread at a time, whoever asks: CPython 3.11 breaks otherwise (gh-106905)."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from harness.packs import find_challenge
from harness.parsing import PARSING
from harness.submission import read_project
from harness.submission.requirements import requirement
from tests.packaging.tree import ROOT

SAMPLE = ROOT / "challenges" / "users_api" / "sample"


@pytest.mark.parametrize(
    "reads",
    [
        lambda: find_challenge("users_api"),
        lambda: read_project(SAMPLE, app=None),
        lambda: requirement("fastapi; python_version < '4'", lambda: "here"),
    ],
    ids=["challenge", "project", "requirement"],
)
def test_what_reads_syntax_waits_for_whoever_does(reads: Callable[[], object]) -> None:
    with ThreadPoolExecutor(1) as pool:
        with PARSING:
            other = pool.submit(reads)
            with pytest.raises(TimeoutError):
                other.result(0.5)
        assert other.result(60)


@pytest.mark.integration
def test_challenges_and_submissions_are_read_side_by_side() -> None:
    def both(number: int) -> Path:
        read_project(SAMPLE, app=None)
        return find_challenge("live_feed" if number % 2 else "users_api").folder

    with ThreadPoolExecutor(8) as pool:
        assert len(list(pool.map(both, range(40)))) == 40
