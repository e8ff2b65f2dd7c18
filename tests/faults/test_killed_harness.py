"""The harness killed at random moments: its record is whole or absent, and the next grade leaves nothing of it."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from harness.cli.output import prepare
from harness.runtime.docker.engine import connect
from harness.runtime.processes import SNAPSHOT_PREFIX
from harness.sweep import sweep_processes
from tests.faults.kills import killed_after, undisturbed
from tests.faults.runs import in_engine, on_host, record_of

MOMENTS = [random.Random(seed).uniform(0.1, 0.9) for seed in range(3)]
LONG_AGO_S = 1_000_000_000.0


@pytest.mark.docker
@pytest.mark.extended
def test_grades_that_were_killed_leave_nothing_once_another_has_run(base_image: str, tmp_path: Path) -> None:
    client = connect(timeout_s=300)
    # Twice, as the first may have images to make.
    whole_s = min(undisturbed(tmp_path / "undisturbed", base_image) for _ in range(2))
    runs = []
    for share in MOMENTS:
        run, _ = killed_after(share * whole_s, tmp_path / "killed", base_image)
        assert record_of(run) in ("whole", "absent")
        runs.append(run)
    undisturbed(tmp_path / "killed", base_image)
    assert in_engine(client, [run.pid for run in runs]) == []
    assert on_host(runs[0]) == []


def test_a_folder_of_a_run_killed_before_it_could_sign_it_is_swept_when_it_is_old(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    old, new = tmp_path / f"{SNAPSHOT_PREFIX}old", tmp_path / f"{SNAPSHOT_PREFIX}new"
    for folder in (old, new):
        folder.mkdir()
    os.utime(old, (LONG_AGO_S, LONG_AGO_S))
    assert sweep_processes() == [f"folder {old.name}"]
    assert [p.name for p in tmp_path.iterdir()] == [new.name]


def test_a_half_written_result_of_a_killed_run_is_removed_by_the_next_in_its_folder(tmp_path: Path) -> None:
    old, new, others = tmp_path / ".result.json.abcd", tmp_path / ".report.html.efgh", tmp_path / ".result.jsonl"
    for path in (old, new, others):
        path.write_text("{")
    for path in (old, others):
        os.utime(path, (LONG_AGO_S, LONG_AGO_S))
    prepare(tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted([new.name, others.name])
