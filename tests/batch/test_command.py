"""`takehome batch` before anything is graded: what it refuses, and what it makes up for. No engine is needed."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.batch.sources import read_sources
from harness.cli.batch import _keep_apart, _write_reports
from harness.errors import UsageError
from tests.batch.fakes import write
from tests.reporting.records import typical


def submissions(root: Path) -> Path:
    for name in ("ada", "bo"):
        (root / "s" / name / "app").mkdir(parents=True)
        (root / "s" / name / "pyproject.toml").touch()
    return root / "s"


@pytest.mark.parametrize("out", ["s", "s/ada", "s/ada/results"])
def test_results_are_never_written_into_submissions_or_in_their_place(out: str, tmp_path: Path) -> None:
    found, _ = read_sources(submissions(tmp_path), out=tmp_path / out)
    with pytest.raises(UsageError, match="in its place"):
        _keep_apart(found, tmp_path / out)


@pytest.mark.parametrize("out", ["results", "s/results", "."])
def test_results_may_lie_beside_submissions(out: str, tmp_path: Path) -> None:
    found, _ = read_sources(submissions(tmp_path), out=tmp_path / out)
    _keep_apart(found, tmp_path / out)


def test_a_report_that_is_missing_is_made_from_its_record(tmp_path: Path) -> None:
    found, _ = read_sources(submissions(tmp_path), out=tmp_path / "out")
    write(tmp_path / "out" / "ada", typical())
    _write_reports(tmp_path / "out", found)
    assert (tmp_path / "out" / "ada" / "report.html").read_text().startswith("<!doctype html>")
    assert not (tmp_path / "out" / "bo").exists()
