"""The commands of candidates, authors and operators."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
import pytest

from harness.reporting.html import render_html
from tests.cli.command import takehome
from tests.cli.test_bad_input import TINY
from tests.reporting.records import typical


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The results of a grade of the smallest challenge."""
    out = tmp_path_factory.mktemp("graded")
    done = takehome(
        "grade",
        TINY / "curious",
        "-c",
        TINY / "challenge",
        "--out",
        out,
        "--runtime",
        "process",
        "--i-trust-this-code",
        "--seed",
        "11",
        # It times the start, which would wait for the grades of other tests.
        env={"TAKEHOME_CACHE": str(tmp_path_factory.mktemp("cache"))},
    )
    assert done.code == 0, done.text
    assert "Traceback" not in done.err
    return out


@pytest.mark.integration
@pytest.mark.xdist_group("graded")
def test_a_grade_writes_a_result_that_fits_the_published_schema(graded: Path) -> None:
    schema = json.loads(takehome("schema").out)
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(json.loads((graded / "result.json").read_text()), schema)


@pytest.mark.integration
@pytest.mark.xdist_group("graded")
def test_a_result_says_what_was_graded_and_on_what(graded: Path) -> None:
    found = json.loads((graded / "result.json").read_text())
    assert found["score"]["value"] == 100
    assert found["seed"] == 11
    assert found["runtime"] == "process"
    assert found["submission"]["digest"]
    assert found["environment"]["packages"]["fastapi"]


@pytest.mark.integration
def test_the_process_runtime_says_what_it_does_not_protect_from(tmp_path: Path) -> None:
    done = takehome(
        "grade",
        TINY / "broken_import",
        "-c",
        TINY / "challenge",
        "--out",
        tmp_path,
        "--runtime",
        "process",
        "--i-trust-this-code",
        "--no-baseline",
    )
    assert "isolation none" in done.text


@pytest.mark.integration
def test_a_grade_that_is_as_good_as_asked_for_is_code_0(tmp_path: Path) -> None:
    done = takehome(
        "grade",
        TINY / "curious",
        "-c",
        TINY / "challenge",
        "--out",
        tmp_path,
        "--runtime",
        "process",
        "--i-trust-this-code",
        "--no-baseline",
        "--fail-under",
        "100",
        "-q",
    )
    assert done.code == 0
    assert done.err.count("\n") <= 2


def test_init_writes_a_starter_kit_with_the_brief(tmp_path: Path) -> None:
    done = takehome("init", "users_api", tmp_path / "mine")
    assert done.code == 0
    assert (tmp_path / "mine" / "BRIEF.md").is_file()
    assert (tmp_path / "mine" / "app" / "main.py").is_file()


def test_init_does_not_write_over_work(tmp_path: Path) -> None:
    (tmp_path / "work.py").write_text("mine")
    done = takehome("init", "users_api", tmp_path)
    assert done.code == 2
    assert sorted(p.name for p in tmp_path.iterdir()) == ["work.py"]


def test_challenge_show_adds_up_to_a_hundred() -> None:
    done = takehome("challenge", "show", "users_api")
    assert done.code == 0
    rows = [line for line in done.out.splitlines() if any(t in line for t in (" must ", " should ", " bonus "))]
    points = [
        float(cell)
        for row in rows
        for cell in row.replace("│", " ").split()
        if cell.count(".") == 1 and cell.replace(".", "").isdigit()
    ]
    assert sum(points) == pytest.approx(100, abs=1)


def test_doctor_looks_at_everything() -> None:
    done = takehome("doctor")
    for word in ("python", "uv", "mypy", "ruff", "disk", "postgres", "engine"):
        assert word in done.text


def test_clean_without_left_overs_says_so() -> None:
    done = takehome("clean")
    assert done.code == 0
    # Others may be at work on this machine, and leave something.
    assert re.search(r"nothing was left|\d+ removed", done.out)


def test_show_draws_a_stored_grade_again_and_grades_nothing(tmp_path: Path) -> None:
    record = typical()
    (tmp_path / "result.json").write_text(record.model_dump_json())
    no_engine = {"DOCKER_HOST": "tcp://127.0.0.1:9"}
    done = takehome("show", tmp_path, "--report", tmp_path / "new" / "report.html", env=no_engine)
    assert done.code == 0, done.text
    assert record.submission.id in done.out
    assert (tmp_path / "new" / "report.html").read_text() == render_html(record)
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["result.json"]


def test_show_of_what_is_no_record_is_bad_input(tmp_path: Path) -> None:
    (tmp_path / "result.json").write_text('{"schema_version": "1.0", "chall')
    done = takehome("show", tmp_path)
    assert (done.code, "cut off" in done.text) == (2, True)


@pytest.mark.parametrize("command", [("show",), ("export", "--format", "junit")])
def test_a_page_in_place_of_the_record_is_told_and_the_record_is_named(
    command: tuple[str, ...], tmp_path: Path
) -> None:
    (tmp_path / "report.html").write_text(render_html(typical()))
    done = takehome(*command, tmp_path / "report.html")
    assert (done.code, "it is a page (HTML)" in done.text) == (2, True)
    assert "name the result.json beside it" in done.text


def test_what_is_no_json_is_no_record(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("not a grade")
    done = takehome("show", tmp_path / "notes.txt")
    assert "this is no record of a grade" in done.text
    assert "name a result.json" in done.text
