"""`--attempts`: what was lost is run once more, in a pod of its own."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from harness.stored import read_record
from tests.cli.command import Done, takehome

PACK = Path(__file__).parents[1] / "packaging" / "catalogue" / "counting_pack" / "counting_challenges"
# Its first start answers wrongly, later ones as they should.
UNSTEADY = """
import pathlib
_MARK = pathlib.Path({mark!r})
_WRONG = 0 if _MARK.exists() else 1
_MARK.touch()
"""


def graded(project: Path, out: Path, *options: str) -> Done:
    return takehome(
        "grade", project, "-c", "count_words", "--challenges", PACK, "--runtime", "process", "--i-trust-this-code",
        "--check", "counting", "--quiet", "--out", out, *options,
    )  # fmt: skip


def unsteady(tmp_path: Path) -> Path:
    project = tmp_path / "project"
    shutil.copytree(PACK / "count_words" / "reference", project)
    main = project / "app" / "main.py"
    counted = main.read_text().replace('{"words": sum(', '{"words": _WRONG + sum(')
    main.write_text(counted.replace("app = FastAPI", UNSTEADY.format(mark=str(tmp_path / "mark")) + "\napp = FastAPI"))
    return project


@pytest.mark.extended
def test_a_verdict_that_changes_is_told_and_the_first_one_counts(tmp_path: Path) -> None:
    done = graded(unsteady(tmp_path), tmp_path / "out", "--attempts", "3")
    assert done.code == 0, done.text
    record = read_record(tmp_path / "out")
    (check,) = record.checks
    assert (check.outcome, check.attempts, check.points) == ("fail", ["fail", "pass", "pass"], 0)
    assert "1 check run more than once, not always alike: counting" in record.notes
    page = (tmp_path / "out" / "report.html").read_text()
    assert "Not steady." in page
    assert "3 attempts: failed, then passed, then passed" in page
    exported = takehome("export", tmp_path / "out", "--format", "ctrf")
    (test,) = json.loads(exported.out)["results"]["tests"]
    assert (test["status"], test["retries"], test["flaky"]) == ("failed", 2, False)


@pytest.mark.extended
def test_without_it_each_check_runs_once(tmp_path: Path) -> None:
    graded(unsteady(tmp_path), tmp_path / "out")
    (check,) = read_record(tmp_path / "out").checks
    assert (check.outcome, check.attempts) == ("fail", [])
    assert "ran once" in (tmp_path / "out" / "report.html").read_text()


@pytest.mark.extended
def test_what_passed_is_not_run_again(tmp_path: Path) -> None:
    done = graded(PACK / "count_words" / "reference", tmp_path / "out", "--attempts", "2")
    assert done.code == 0, done.text
    record = read_record(tmp_path / "out")
    assert (record.checks[0].attempts, "again" in record.timings) == ([], False)
