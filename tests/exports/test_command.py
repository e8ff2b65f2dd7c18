"""`takehome export`, and what `--ci` hands over."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.cli.ci import Ci, known_ci, publish, quoted
from harness.cli.console import err
from harness.errors import UsageError
from harness.exports import FORMATS
from tests.cli.command import takehome
from tests.reporting import records


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    (tmp_path / "result.json").write_text(records.typical().model_dump_json())
    return tmp_path


def test_a_format_goes_to_standard_output_in_utf_8_whatever_the_terminal_writes(stored: Path) -> None:
    record = records.typical(challenge=records.typical().challenge.model_copy(update={"id": "übung"}))
    (stored / "result.json").write_text(record.model_dump_json())
    done = takehome("export", stored, "--format", "junit", env={"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"})
    assert (done.code, done.out) == (0, FORMATS["junit"](record, ""))


def test_a_format_goes_to_a_file_and_nothing_else_is_left_there(stored: Path) -> None:
    done = takehome("export", stored, "--format", "sarif", "--prefix", "work", "--out", stored / "new" / "a.sarif")
    assert (done.code, done.out) == (0, "")
    assert (stored / "new" / "a.sarif").read_text() == FORMATS["sarif"](records.typical(), "work")
    assert [path.name for path in (stored / "new").iterdir()] == ["a.sarif"]


def test_for_a_candidate_hidden_checks_are_left_out(stored: Path) -> None:
    told = takehome("export", stored, "--format", "ctrf", "--visible-only").out
    names = {test["name"] for test in json.loads(told)["results"]["tests"]}
    assert names == {check.id for check in records.typical().checks if check.visible}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--format", "xml"], "no format 'xml'"),
        (["--format", "junit", "--prefix", "../up"], "--prefix ../up"),
        (["--format", "junit", "--prefix", "/abs"], "--prefix /abs"),
        (["--format", "junit", "--prefix", "a  b"], "blanks side by side"),
    ],
)
def test_bad_input_is_code_2(stored: Path, arguments: list[str], said: str) -> None:
    done = takehome("export", stored, *arguments)
    assert (done.code, said in done.text, done.out) == (2, True, "")


@pytest.mark.parametrize("kind", ["gradescope", "gitlab"])
@pytest.mark.parametrize(("fault", "code"), [("environment", 3), ("harness", 4)])
def test_without_a_grade_through_our_fault_nothing_is_written_where_no_word_tells_it(
    tmp_path: Path, fault: str, code: int, kind: str
) -> None:
    record = records.engine_gone()
    assert record.problem is not None
    problem = record.problem.model_copy(update={"fault": fault})
    (tmp_path / "result.json").write_text(record.model_copy(update={"problem": problem}).model_dump_json())
    done = takehome("export", tmp_path, "--format", kind, "--out", tmp_path / "results.json")
    assert (done.code, (tmp_path / "results.json").exists()) == (code, False)


def test_github_gets_annotations_a_summary_outputs_and_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    summary, outputs = tmp_path / "summary.md", tmp_path / "outputs"
    summary.write_text("of an earlier command\n")
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path))
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    monkeypatch.setenv("GITHUB_OUTPUT", str(outputs))
    (tmp_path / "work").mkdir()
    publish("github", records.typical(), tmp_path, str(tmp_path / "work"))
    written = capfdbinary.readouterr().out.decode()
    assert written == FORMATS["github-annotations"](records.typical(), "work")
    assert summary.read_text() == "of an earlier command\n" + FORMATS["github-summary"](records.typical(), "work")
    assert outputs.read_text() == "score=67.4\ngradable=true\n"
    assert (tmp_path / "takehome.sarif").read_text() == FORMATS["sarif"](records.typical(), "work")
    assert (tmp_path / "junit.xml").read_text() == FORMATS["junit"](records.typical(), "")


def test_gitlab_gets_two_files_and_no_commands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CI_PROJECT_DIR", str(tmp_path))
    publish("gitlab", records.typical(), tmp_path, str(tmp_path))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["gl-code-quality-report.json", "junit.xml"]
    assert capfd.readouterr().out == ""


@pytest.mark.parametrize(("ci", "name"), [("github", "takehome.sarif"), ("gitlab", "gl-code-quality-report.json")])
def test_of_a_run_that_our_side_spoilt_no_list_of_findings_says_that_all_is_mended(
    ci: Ci, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path))
    publish(ci, records.typical(), tmp_path, str(tmp_path))
    assert (tmp_path / name).exists()
    publish(ci, records.engine_gone(), tmp_path, str(tmp_path))
    assert not (tmp_path / name).exists()
    assert f"no {name}" in capfd.readouterr().err
    assert "<skipped" in (tmp_path / "junit.xml").read_text()


def test_paths_of_an_archive_are_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI_PROJECT_DIR", str(tmp_path))
    (tmp_path / "work.zip").write_bytes(b"")
    publish("gitlab", records.typical(), tmp_path, str(tmp_path / "work.zip"))
    assert (tmp_path / "gl-code-quality-report.json").read_text() == FORMATS["gitlab"](records.typical(), "")


def told_paths(workspace: Path, source: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Where a finding of `pyproject.toml` is told to be."""
    out = workspace.parent / "out"
    out.mkdir(exist_ok=True)
    source.mkdir(parents=True, exist_ok=True)
    monkeypatch.setenv("CI_PROJECT_DIR", str(workspace))
    record = records.typical()
    bare = record.model_copy(update={"submission": record.submission.model_copy(update={"app": ""})})
    publish("gitlab", bare, out, str(source))
    found = json.loads((out / "gl-code-quality-report.json").read_text())
    (path,) = {issue["location"]["path"] for issue in found if issue["location"]["path"].endswith("pyproject.toml")}
    return str(path)


@pytest.mark.parametrize("kind", ["folder", "file"])
def test_paths_start_from_the_repository_that_the_submission_is_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    workspace = tmp_path / "workspace"
    mark = workspace / "theirs" / ".git"
    mark.parent.mkdir(parents=True)
    (workspace / ".git").mkdir()
    mark.mkdir() if kind == "folder" else mark.write_text("gitdir: elsewhere")
    assert told_paths(workspace, workspace / "theirs" / "work", monkeypatch) == "work/pyproject.toml"
    assert told_paths(workspace, workspace / "theirs", monkeypatch) == "pyproject.toml"
    assert told_paths(workspace, workspace / "other" / "task", monkeypatch) == "other/task/pyproject.toml"


def test_a_repository_around_the_workspace_is_not_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".git").mkdir()
    assert told_paths(tmp_path / "workspace", tmp_path / "workspace" / "work", monkeypatch) == "work/pyproject.toml"


@pytest.mark.parametrize(
    ("source", "why"), [("workspace/a  b", "can't show as it is"), ("elsewhere", "is not in CI_PROJECT_DIR")]
)
def test_why_paths_are_told_from_the_submissions_own_folder_is_said_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], source: str, why: str
) -> None:
    (tmp_path / "workspace").mkdir()
    assert told_paths(tmp_path / "workspace", tmp_path / source, monkeypatch) == "pyproject.toml"
    assert why in " ".join(capfd.readouterr().err.split())


@pytest.mark.parametrize("value", [None, "missing/folder/file"])
def test_a_variable_that_is_missing_or_wrong_is_told_and_the_files_are_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], value: str | None
) -> None:
    for name in ("GITHUB_WORKSPACE", "GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT"):
        monkeypatch.delenv(name, raising=False)
        if value is not None:
            monkeypatch.setenv(name, str(tmp_path / value))
    publish("github", records.typical(), tmp_path, str(tmp_path))
    told = " ".join(capfd.readouterr().err.split())
    for name, lost in (
        ("GITHUB_WORKSPACE", "own folder"), ("GITHUB_STEP_SUMMARY", "no summary"), ("GITHUB_OUTPUT", "no outputs")
    ):  # fmt: skip
        assert name in told
        assert lost in told
    assert (tmp_path / "junit.xml").is_file()


def test_on_github_nothing_that_is_printed_meanwhile_is_a_command(capfd: pytest.CaptureFixture[str]) -> None:
    with quoted("github"):
        print("::error::of a stranger")
    first, said, last = capfd.readouterr().out.splitlines()
    token = first.removeprefix("::stop-commands::")
    assert (len(token), said, last) == (32, "::error::of a stranger", f"::{token}::")


def test_after_an_error_commands_stay_off(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(err, "stderr", True)
    with pytest.raises(UsageError), quoted("github"):
        raise UsageError("what a stranger wrote")
    assert len(capfd.readouterr().out.splitlines()) == 1


def test_an_unknown_ci_is_named() -> None:
    with pytest.raises(UsageError, match="no CI 'jenkins'"):
        known_ci("jenkins")


@pytest.mark.parametrize("with_it", [["--ci", "github"], ["--fail-under", "50"]])
def test_watching_has_no_end_that_could_be_judged(with_it: list[str]) -> None:
    done = takehome("check", ".", "-c", "users_api", "--watch", *with_it)
    assert (done.code, "--watch" in done.text) == (2, True)
