"""The commands of candidates, authors and operators."""

from __future__ import annotations

import json
import platform
from importlib.metadata import version
from pathlib import Path

import jsonschema
import pytest

from harness.packs import find_challenge
from harness.reporting.html import render_html
from harness.runtime.processes import POD_PREFIX, sign
from harness.score import max_points
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


def table_rows(text: str) -> list[list[str]]:
    """The cells of a printed table, without its heading; what is wrapped is joined."""
    rows: list[list[str]] = []
    for line in text.splitlines():
        if not line.startswith("│"):
            continue
        cells = [cell.strip() for cell in line.strip("│").split("│")]
        if cells[0]:
            rows.append(cells)
        else:
            rows[-1] = [" ".join((above, below)).strip() for above, below in zip(rows[-1], cells, strict=True)]
    return rows


def test_challenge_show_has_every_check_with_what_it_is_worth() -> None:
    challenge = find_challenge("users_api")
    done = takehome("challenge", "show", "users_api")
    assert done.code == 0
    worth = max_points(challenge.spec)
    assert table_rows(done.out) == [
        [id_, check.tier, check.skill, check.level, f"{worth[id_]:.1f}", "yes" if check.visible else "no", check.title]
        for id_, check in challenge.spec.checks.items()
    ]
    assert sum(worth.values()) == pytest.approx(100)
    assert done.out.startswith(f"{challenge.spec.title} (users_api {challenge.spec.version})")


def test_challenge_show_prints_the_brief_alone() -> None:
    assert (
        takehome("challenge", "show", "users_api", "--brief").out
        == find_challenge("users_api").brief.read_text() + "\n"
    )


def diagnoses(**env: str) -> tuple[int, dict[str, tuple[str, str, str]]]:
    """The exit code of `takehome doctor`, and of each part its state, what was found and how to fix it."""
    done = takehome("doctor", env={"DOCKER_HOST": "tcp://127.0.0.1:9", **env})
    return done.code, {name: (state, found, fix) for state, name, found, fix in table_rows(done.out)}


def test_doctor_tells_the_state_of_each_part() -> None:
    code, found = diagnoses()
    assert list(found) == [
        "python", "uv", "mypy", "ruff", "git", "disk, cache", "disk, temporary", "postgres", "engine",
    ]  # fmt: skip
    assert found["python"] == ("ok", platform.python_version(), "")
    for tool in ("uv", "mypy", "ruff"):
        state, text, _ = found[tool]
        assert (state, version(tool) in text) == ("ok", True)
    assert found["postgres"][0] == "ok"
    assert found["disk, cache"][1].endswith(" GB free")
    # What a grade needs is missing.
    assert (code, found["engine"][0]) == (3, "bad")
    assert "no Docker engine answers" in found["engine"][1]
    assert found["engine"][2] != ""


def test_doctor_says_what_to_do_about_what_is_missing(tmp_path: Path) -> None:
    _, found = diagnoses(PATH=str(tmp_path))
    assert found["git"] == ("warn", "not found", "install git to grade repositories")


@pytest.fixture
def own_temporary_folder(tmp_path: Path) -> dict[str, str]:
    """Variables for a command that sees neither the engine nor the folders of other runs on this machine."""
    (tmp_path / "tmp").mkdir()
    return {"TMPDIR": str(tmp_path / "tmp"), "DOCKER_HOST": "tcp://127.0.0.1:9"}


def test_clean_removes_what_a_run_that_is_gone_has_left_and_nothing_else(
    tmp_path: Path, own_temporary_folder: dict[str, str]
) -> None:
    folders = {name: tmp_path / "tmp" / f"{POD_PREFIX}{name}" for name in ("gone", "at-work")}
    for folder in folders.values():
        folder.mkdir()
        sign(folder)
    (folders["gone"] / "owner").write_text("1 of-an-earlier-boot\n")
    (tmp_path / "tmp" / "somebody-elses").mkdir()
    done = takehome("clean", env=own_temporary_folder)
    assert done.code == 0
    assert f"removed folder {folders['gone'].name}\n1 removed\n" in done.out
    assert sorted(path.name for path in (tmp_path / "tmp").iterdir()) == [
        "somebody-elses",
        folders["at-work"].name,
    ]


def test_clean_all_removes_what_a_run_that_is_at_work_has_too(
    tmp_path: Path, own_temporary_folder: dict[str, str]
) -> None:
    folder = tmp_path / "tmp" / f"{POD_PREFIX}at-work"
    folder.mkdir()
    sign(folder)
    assert f"removed folder {folder.name}" in takehome("clean", "--all", env=own_temporary_folder).out
    assert not folder.exists()


def test_clean_without_left_overs_says_so_and_that_no_engine_was_looked_at(
    own_temporary_folder: dict[str, str],
) -> None:
    done = takehome("clean", env=own_temporary_folder)
    engine, said = done.out.splitlines()
    assert (done.code, said) == (0, "nothing was left")
    assert engine.startswith("engine not swept: no Docker engine answers")


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
