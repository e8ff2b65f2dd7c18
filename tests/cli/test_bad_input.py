"""Bad input of every kind: what, where and what next; the right code, the right party, nothing left behind."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.command import Done, takehome

APP = "from fastapi import FastAPI\n\napp = FastAPI()\n"
TINY = Path(__file__).parents[1] / "runtime" / "catalogue"


def project(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def grade(submission: Path, out: Path, *more: str) -> Done:
    return takehome(
        "grade",
        submission,
        "-c",
        TINY / "challenge",
        "--out",
        out,
        "--runtime",
        "process",
        "--i-trust-this-code",
        "--no-baseline",
        *more,
    )


@pytest.fixture
def submission(tmp_path: Path) -> Path:
    folder = tmp_path / "submission"
    folder.mkdir()
    return folder


@pytest.fixture(autouse=True)
def _nothing_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every command of a test gets a temporary folder of its own, which has to be empty in the end."""
    with tempfile.TemporaryDirectory(prefix="t-") as name:
        # PostgreSQL runs as another user when we are root, and has to get through.
        Path(name).chmod(0o755)
        monkeypatch.setenv("TMPDIR", name)
        yield
        assert [p.name for p in Path(name).glob("takehome-*")] == []


def told(done: Done, code: int, *texts: str) -> None:
    assert done.code == code, done.text
    assert "Traceback" not in done.err
    for text in texts:
        assert text in done.text, done.text


def record(out: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((out / "result.json").read_text())
    return found


def test_an_empty_folder_is_bad_input(submission: Path, tmp_path: Path) -> None:
    told(grade(submission, tmp_path / "out"), 2, "empty", str(submission), "next:")


def test_a_missing_submission_is_bad_input(tmp_path: Path) -> None:
    told(grade(tmp_path / "nowhere", tmp_path / "out"), 2, "nowhere", "next:")


def test_a_broken_archive_is_bad_input(tmp_path: Path) -> None:
    archive = tmp_path / "work.zip"
    archive.write_bytes(b"PK\x03\x04 and then nothing")
    told(grade(archive, tmp_path / "out"), 2, "work.zip", "next:")


def test_a_project_without_an_app_is_not_gradable_and_the_report_says_why(submission: Path, tmp_path: Path) -> None:
    project(submission, {"requirements.txt": "fastapi\nuvicorn\n", "app/main.py": "print('hello')\n"})
    told(grade(submission, tmp_path / "out"), 3, "FastAPI")
    assert record(tmp_path / "out")["problem"]["fault"] == "submission"
    assert "FastAPI" in (tmp_path / "out" / "report.html").read_text()


def test_two_apps_are_not_guessed_between(submission: Path, tmp_path: Path) -> None:
    project(submission, {"requirements.txt": "fastapi\nuvicorn\n", "one.py": APP, "two.py": APP})
    told(grade(submission, tmp_path / "out"), 3, "one:app", "two:app")


@pytest.mark.integration
def test_an_app_that_fails_at_import_is_the_submissions_fault_and_shows_its_traceback(tmp_path: Path) -> None:
    told(grade(TINY / "broken_import", tmp_path / "out"), 3, "undefined_router")
    found = record(tmp_path / "out")
    assert found["gradable"] is False
    assert found["score"]["value"] is None
    assert found["problem"]["fault"] == "submission"


@pytest.mark.integration
def test_dependencies_that_do_not_exist_are_the_submissions_fault(submission: Path, tmp_path: Path) -> None:
    project(submission, {"requirements.txt": "fastapi==99.99\nuvicorn\n", "app/main.py": APP})
    told(grade(submission, tmp_path / "out"), 3, "fastapi==99.99")
    assert record(tmp_path / "out")["problem"]["fault"] == "submission"


@pytest.mark.integration
def test_an_index_that_does_not_answer_is_not_the_submissions_fault(submission: Path, tmp_path: Path) -> None:
    # A requirement that no environment has yet, so that the index has to be asked.
    project(submission, {"requirements.txt": "fastapi>=0.100.1\nuvicorn>=0.20.1\n", "app/main.py": APP})
    told(grade(submission, tmp_path / "out", "--index-url", "http://127.0.0.1:9/simple"), 3)
    assert record(tmp_path / "out")["problem"]["fault"] == "environment"


def test_an_unknown_challenge_names_the_nearest(tmp_path: Path) -> None:
    told(takehome("grade", tmp_path, "-c", "user_api"), 2, "no challenge 'user_api'", "users_api")


def test_a_misspelt_key_of_a_challenge_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "challenge"
    folder.mkdir()
    text = (TINY / "challenge" / "challenge.toml").read_text()
    (folder / "challenge.toml").write_text(text.replace("memory_mb", "memory_bm"))
    told(takehome("grade", tmp_path, "-c", folder), 2, "limits.memory_bm", "did you mean 'memory_mb'")


def test_no_engine_is_an_environment_fault_and_not_the_candidates(tmp_path: Path) -> None:
    done = takehome(
        "grade",
        TINY / "curious",
        "-c",
        TINY / "challenge",
        "--out",
        tmp_path / "out",
        env={"DOCKER_HOST": "tcp://127.0.0.1:9"},
    )
    told(done, 3, "no Docker engine answers", "--runtime process")
    assert record(tmp_path / "out")["problem"]["fault"] == "environment"


def test_an_output_folder_that_is_a_file_is_told_before_anything_runs(submission: Path, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    told(grade(submission, tmp_path / "out"), 2, "--out")
    assert (tmp_path / "out").read_text() == "mine"


@pytest.mark.parametrize("arguments", [["grade"], ["grade", ".", "-c", "users_api", "--seed", "x"], ["gade"]])
def test_wrong_usage_is_code_2(arguments: list[str]) -> None:
    assert takehome(*arguments).code == 2


def test_code_that_nobody_vouches_for_is_not_run_without_isolation(tmp_path: Path) -> None:
    arguments = ("grade", TINY / "curious", "-c", TINY / "challenge", "--out", tmp_path / "out")
    told(takehome(*arguments, "--runtime", "process"), 2, "isolates nothing", "--i-trust-this-code")
    assert not (tmp_path / "out" / "result.json").exists()


@pytest.mark.integration
def test_without_an_engine_auto_never_falls_back_for_a_strangers_code(tmp_path: Path) -> None:
    out = tmp_path / "out"
    no_engine = {"DOCKER_HOST": "tcp://127.0.0.1:9"}
    arguments = (
        "grade",
        TINY / "curious",
        "-c",
        TINY / "challenge",
        "--out",
        out,
        "--runtime",
        "auto",
        "--no-baseline",
    )
    assert takehome(*arguments, env=no_engine).code == 3
    assert record(out)["problem"]["fault"] == "environment"
    assert takehome(*arguments, "--i-trust-this-code", env=no_engine).code == 0


@pytest.mark.parametrize("what", ["everything", "dockerfile"])
def test_what_can_not_be_built_is_told_before_anything_runs(submission: Path, tmp_path: Path, what: str) -> None:
    done = grade(submission, tmp_path / "out", "--build", what)
    assert (done.code, "--build" in done.text) == (2, True)
    assert not (tmp_path / "out").exists()


def test_an_unknown_runtime_is_named(tmp_path: Path) -> None:
    told(takehome("grade", tmp_path, "-c", "users_api", "--runtime", "podman"), 2, "podman", "docker, process or auto")
