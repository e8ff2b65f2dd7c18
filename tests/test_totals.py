"""The counts of several runs add up, also those of runs with several processes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.totals import add_totals, format_totals, read_totals

ROOT = Path(__file__).parents[1]


def test_the_totals_of_all_runs_are_added_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAKEHOME_TOTALS", str(tmp_path / "totals"))
    add_totals({"passed": 2, "failed": 1, "error": 1, "warnings": 9, "deselected": 9})
    add_totals({"passed": 3, "skipped": 4, "xfailed": 1, "xpassed": 1})
    assert format_totals(read_totals()) == "6 passed, 3 failed, 4 skipped"


def test_without_a_run_nothing_passed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAKEHOME_TOTALS", str(tmp_path / "totals"))
    assert format_totals(read_totals()) == "0 passed, 0 failed"


@pytest.mark.integration
def test_a_run_in_several_processes_counts_each_test_and_each_skipped_one_once(tmp_path: Path) -> None:
    chosen = ["tests/core/test_score.py", "tests/runtime/test_docker_isolation.py"]
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "TAKEHOME_"))},
        "DOCKER_HOST": "tcp://127.0.0.1:9",
        "TAKEHOME_TOTALS": str(tmp_path / "totals"),
    }
    command = [sys.executable, "-m", "pytest", "--numprocesses", "2", "-p", "no:cacheprovider", *chosen]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stdout
    assert "7 Docker tests skipped: no engine" in done.stdout
    (line,) = (tmp_path / "totals").read_text().splitlines()
    assert '"skipped": 7' in line
