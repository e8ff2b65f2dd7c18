"""`takehome rerun`: one check of a stored grade once more."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from harness.cli import rerun
from harness.stored import read_record
from tests.cli.command import takehome
from tests.reporting import records

PACK = Path(__file__).parents[1] / "packaging" / "catalogue" / "counting_pack" / "counting_challenges"
AS_PROCESS = ("--runtime", "process", "--i-trust-this-code")


@pytest.mark.integration
def test_one_check_is_run_again_and_compared(tmp_path: Path) -> None:
    project = tmp_path / "project"
    shutil.copytree(PACK / "count_words" / "reference", project)
    options = ("--challenges", PACK, "--quiet")
    graded = takehome(
        "grade", project, "-c", "count_words", *AS_PROCESS, "--check", "counting", "--out", tmp_path / "r", *options
    )
    assert graded.code == 0, graded.text
    again = takehome("rerun", "counting", tmp_path / "r", "--i-trust-this-code", "--out", tmp_path / "again", *options)
    assert again.code == 0, again.text
    assert "counting: passed before, passed now" in again.text
    assert read_record(tmp_path / "again").seed == read_record(tmp_path / "r").seed
    (project / "app" / "extra.py").write_text("X: int = 1\n")
    changed = takehome("rerun", "counting", tmp_path / "r", "--i-trust-this-code", *options)
    assert "its files have changed" in changed.text
    refused = takehome("rerun", "counting", tmp_path / "r", *options)
    assert refused.code == 2
    assert "--i-trust-this-code" in refused.text


def test_a_check_that_the_result_lacks_is_bad_input(tmp_path: Path) -> None:
    (tmp_path / "result.json").write_text(records.typical().model_dump_json())
    done = takehome("rerun", "nonsense", tmp_path)
    assert done.code == 2
    assert "no check 'nonsense' in this result" in done.text


def test_a_result_without_a_source_asks_for_the_submission(tmp_path: Path) -> None:
    record = records.typical()
    bare = record.model_copy(update={"submission": record.submission.model_copy(update={"source": ""})})
    (tmp_path / "result.json").write_text(bare.model_dump_json())
    done = takehome("rerun", "duplicate-email-race", tmp_path)
    assert done.code == 2
    assert "--submission" in done.text


def test_a_check_that_is_lost_is_shown_as_check_shows_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    record = records.typical()
    (tmp_path / "result.json").write_text(record.model_dump_json())
    lost = next(check for check in record.checks if check.id == "duplicate-email-race")
    monkeypatch.setattr(rerun, "grade", lambda *_: record)
    rerun.rerun_command(lost.id, tmp_path, submission=str(tmp_path), quiet=True)
    shown = capsys.readouterr().out
    assert f"{lost.id}: failed before, failed now" in shown
    assert f"[{lost.id}]: {lost.title}" in shown
    assert f"  seen      {lost.summary}" in shown
    assert "  try       curl" in shown
