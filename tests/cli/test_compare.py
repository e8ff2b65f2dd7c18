"""`takehome compare` and `takehome cohort`: stored grades beside each other."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from tests.cli.command import takehome
from tests.reporting import records


def stored(folder: Path, **names: str) -> Path:
    """A folder of results: the names of records by the names of their folders."""
    for id_, name in names.items():
        (folder / id_).mkdir(parents=True)
        (folder / id_ / "result.json").write_text(records.ALL[name]().model_dump_json())
    return folder


def test_two_results_are_set_side_by_side(tmp_path: Path) -> None:
    stored(tmp_path, a="typical", b="all-passed")
    done = takehome("compare", tmp_path / "a", tmp_path / "b", "--report", tmp_path / "both.html")
    assert done.code == 0, done.text
    assert "duplicate-email-race" in done.text
    page = (tmp_path / "both.html").read_text()
    assert "What ended otherwise" in page


def test_one_result_is_no_comparison(tmp_path: Path) -> None:
    stored(tmp_path, a="typical")
    done = takehome("compare", tmp_path / "a")
    assert done.code == 2
    assert "2 to 4 results" in done.text


def test_results_of_different_challenges_are_not_compared(tmp_path: Path) -> None:
    stored(tmp_path, a="typical", b="typical")
    document = json.loads((tmp_path / "b" / "result.json").read_text())
    document["challenge"]["id"] = "other"
    (tmp_path / "b" / "result.json").write_text(json.dumps(document))
    done = takehome("compare", tmp_path / "a", tmp_path / "b")
    assert done.code == 2
    assert "other, users_api" in done.text


def test_a_folder_of_results_becomes_a_page_a_document_and_a_table(tmp_path: Path) -> None:
    stored(tmp_path, a="typical", b="all-passed", **{"näme & <x>": "typical"})
    (tmp_path / "cut").mkdir()
    (tmp_path / "cut" / "result.json").write_text('{"schema_version"')
    done = takehome("cohort", tmp_path)
    assert done.code == 0, done.text
    assert "3 of 4 results read" in done.text
    assert "cut: the record is cut off" in done.text
    page = (tmp_path / "cohort.html").read_text()
    assert "./n%C3%A4me%20%26%20%3Cx%3E/report.html" in page
    document = json.loads((tmp_path / "cohort.json").read_text())
    assert [member["id"] for member in document["unread"]] == ["cut"]
    with (tmp_path / "cohort.csv").open(newline="") as file:
        assert [row["id"] for row in csv.DictReader(file)] == ["a", "b", "näme & <x>", "cut"]


def test_a_folder_that_is_not_there_is_bad_input(tmp_path: Path) -> None:
    done = takehome("cohort", tmp_path / "nowhere")
    assert done.code == 2
    assert "no such folder" in done.text


def test_an_empty_folder_makes_an_empty_cohort(tmp_path: Path) -> None:
    done = takehome("cohort", tmp_path)
    assert done.code == 0
    assert "There is no submission here yet." in (tmp_path / "cohort.html").read_text()
