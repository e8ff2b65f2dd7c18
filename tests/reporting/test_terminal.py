"""The summary on a terminal."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.console import Console

from harness.record import GradeRecord, Problem
from harness.reporting.terminal import print_passed, print_summary
from tests.reporting import records


def printed(record: GradeRecord, *, width: int = 100, terminal: bool = False, report: Path | None = None) -> str:
    out = io.StringIO()
    print_summary(record, Console(file=out, width=width, force_terminal=terminal, color_system="auto"), report=report)
    return out.getvalue()


def test_the_summary_says_grade_skills_must_haves_worst_findings_and_the_report() -> None:
    text = printed(records.typical(), report=Path("out/report.html"))
    for said in (
        "67.4 / 100  Partly meets the brief  (bounds 66.1 to 78.5, 98 % assessed)", "Must-haves not met",
        "Two users can share one address", "Hint: Let the database decide", "Report: out/report.html",
        "ours, not the candidate's",
    ):  # fmt: skip
        assert said in text
    assert re.search(r"async +senior", text)
    assert re.search(r"errors +no level", text)


@pytest.mark.parametrize("name", records.ALL)
@pytest.mark.parametrize("width", [30, 80])
def test_no_line_is_wider_than_the_terminal(name: str, width: int) -> None:
    assert max(cell_len(line) for line in printed(records.ALL[name](), width=width).splitlines()) <= width


@pytest.mark.parametrize("name", records.ALL)
def test_there_is_no_escape_where_there_is_no_terminal(name: str) -> None:
    assert re.findall(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", printed(records.ALL[name]())) == []


def test_on_a_terminal_only_our_own_colours_escape() -> None:
    text = printed(records.hostile(), terminal=True)
    assert re.findall(r"[\x00-\x09\x0b-\x1a\x1c-\x1f\x7f-\x9f]", re.sub(r"\x1b\[[0-9;]*m", "", text)) == []
    assert "\x1b" not in re.sub(r"\x1b\[[0-9;]*m", "", text)


def test_markup_is_text() -> None:
    checks = [records.make_check("a", "fail", title="[bold red]x[/] :boom: [link=http://e.example]y[/link]")]
    assert "[bold red]x[/] :boom: [link=http://e.example]y[/link]" in printed(records.make_record(checks))


def test_a_path_is_never_wrapped() -> None:
    path = Path("a" * 120) / "report.html"
    assert f"Report: {path}" in printed(records.typical(), width=40, report=path)


def test_a_grade_that_is_none_shows_no_number_but_what_where_next_and_whose_fault() -> None:
    text = printed(records.engine_gone())
    for said in ("Not gradable, run again", "probe, after 31 s", "takehome doctor", "not the candidate's"):
        assert said in text
    assert "/ 100" not in text


def test_a_candidate_is_told_that_only_the_visible_checks_were_run() -> None:
    assert "Visible checks only" in printed(records.visible_only())


def test_a_console_that_knows_only_ascii_is_written_to() -> None:
    raw = io.BytesIO()
    file = io.TextIOWrapper(raw, encoding="ascii")
    print_summary(records.hostile(), Console(file=file, width=80))
    file.flush()
    assert raw.getvalue().decode("ascii")


def test_a_candidate_is_told_what_the_points_are_of() -> None:
    assert "Points are of the visible checks alone" in printed(records.visible_only())
    assert "Points are of" not in printed(records.typical())


@pytest.mark.parametrize("name", records.ALL)
def test_no_line_ends_in_blanks(name: str) -> None:
    lines = printed(records.ALL[name](), width=50).splitlines()
    assert [line for line in lines if line != line.rstrip()] == []


def test_a_caret_in_a_problem_stays_under_its_place() -> None:
    problem = Problem(fault="submission", what="x", detail="   2 | a  =  = 1\n     |       ^")
    lines = printed(records.never_started().model_copy(update={"problem": problem})).splitlines()
    at = next(number for number, line in enumerate(lines) if "2 | a" in line)
    assert lines[at + 1].index("^") == lines[at].index("= 1")


def passed(record: GradeRecord, width: int) -> str:
    out = io.StringIO()
    print_passed(record, Console(file=out, width=width))
    return out.getvalue()


def test_what_passes_is_named_on_one_line() -> None:
    text = passed(records.visible_only(), 100)
    assert text == "passed: create-user, openapi-contract, lint\n"


def test_where_nothing_passes_nothing_is_named() -> None:
    assert passed(records.never_started(), 100) == ""
