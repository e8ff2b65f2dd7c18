"""`takehome compare` and `takehome cohort`: stored grades beside each other."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from urllib.parse import unquote

from harness.batch.journal import Journal
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


def test_the_page_may_lie_elsewhere_and_still_finds_the_reports(tmp_path: Path) -> None:
    results = stored(tmp_path / "all results", a="typical")
    (results / "a" / "report.html").write_text("")
    done = takehome("cohort", results, "--out", tmp_path / "out" / "pages")
    assert done.code == 0, done.text
    page = (tmp_path / "out" / "pages" / "cohort.html").read_text()
    (way,) = set(re.findall(r'href="([^"#]+report\.html)', page))
    assert (tmp_path / "out" / "pages" / unquote(way)).resolve() == (results / "a" / "report.html").resolve()
    assert not (results / "cohort.html").exists()


def test_earlier_grades_of_the_same_submission_tell_which_checks_are_flaky(tmp_path: Path) -> None:
    stored(tmp_path, a="typical")
    document = json.loads((tmp_path / "a" / "result.json").read_text())
    check = next(check for check in document["checks"] if check["outcome"] == "pass")
    check["outcome"] = "fail"
    (tmp_path / "a" / "earlier" / "1").mkdir(parents=True)
    (tmp_path / "a" / "earlier" / "1" / "result.json").write_text(json.dumps(document))
    assert takehome("cohort", tmp_path).code == 0
    found = json.loads((tmp_path / "cohort.json").read_text())["tracks"][0]["health"]
    assert {one["id"]: one["flaky"] for one in found if one["flaky"]} == {check["id"]: 1.0}
    assert "different verdicts" in (tmp_path / "cohort.html").read_text()


def test_the_cohort_of_a_batch_holds_those_without_a_grade_and_everybodys_name(tmp_path: Path) -> None:
    with Journal(tmp_path, "users_api") as journal:
        journal.tell("started", "ada", attempt=1, name="Ada L.")
        journal.tell("unreadable", "bo.zip", attempt=1, name="bo.zip", what="no archive")
    (tmp_path / "ada").mkdir()
    (tmp_path / "ada" / "result.json").write_text(records.typical().model_dump_json())
    done = takehome("cohort", tmp_path)
    assert "1 of 2 results read" in done.out
    rows = list(csv.DictReader((tmp_path / "cohort.csv").read_text().splitlines()))
    assert [(row["id"], row["name"], row["challenge"], row["problem"]) for row in rows] == [
        ("ada", "Ada L.", "users_api", ""),
        ("bo.zip", "bo.zip", "users_api", "no archive"),
    ]
