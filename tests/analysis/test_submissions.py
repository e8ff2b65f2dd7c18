"""What the analysis says of each submission in the catalogue."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from graders.common.test_lint import lint_fraction
from graders.common.test_types import types_score
from harness.analysis import mypy_run
from harness.analysis.sources import read_sources

pytestmark = pytest.mark.integration

Analyse = Callable[[Path], dict[str, Any]]
Submission = Callable[[str], Path]


def score(document: dict[str, Any]) -> float:
    types = document["types"]
    return types_score(types["annotated"]["share"], types["not_any"]["share"], types["strict"]["per_100_lines"])


def lint_share(document: dict[str, Any]) -> float:
    return lint_fraction(document["lint"]["per_100_lines"], document["lint"]["severe"])


@pytest.mark.parametrize("name", ["good", "src_layout"])
def test_a_typed_submission_gets_everything(name: str, analyse: Analyse, submission: Submission) -> None:
    document = analyse(submission(name))
    assert document["types"]["annotated"]["share"] == 1
    assert document["types"]["strict"]["findings"] == []
    assert score(document) >= 0.95
    assert lint_share(document) == 1
    assert document["lines"] >= 60


def test_code_without_annotations_gets_nothing(analyse: Analyse, submission: Submission) -> None:
    document = analyse(submission("no_annotations"))
    assert document["types"]["annotated"] == {
        **document["types"]["annotated"],
        "share": 0,
        "parameters": 75,
        "annotated": 0,
    }
    assert score(document) < 0.1


def test_any_in_all_its_spellings_says_nothing(analyse: Analyse, submission: Submission) -> None:
    document = analyse(submission("all_any"))
    assert document["types"]["annotated"]["share"] == 1
    assert document["types"]["not_any"]["share"] < 0.1
    assert score(document) < 0.5


@pytest.mark.parametrize("name", ["ignored", "ignored_file"])
def test_comments_that_silence_mypy_change_nothing_and_are_counted(
    name: str, analyse: Analyse, submission: Submission
) -> None:
    document = analyse(submission(name))
    assert document["types"]["suppressions"]["count"] == {"ignored": 75, "ignored_file": 2}[name]
    assert document["types"]["strict"]["errors"] >= 75
    assert score(document) < 0.5


@pytest.mark.parametrize("name", ["plugin", "stubs"])
def test_configuration_and_stubs_of_the_submission_are_left_aside(
    name: str, analyse: Analyse, submission: Submission, scratch: Path
) -> None:
    document = analyse(submission(name))
    assert document["types"]["strict"]["errors"] >= 75
    assert not (scratch / "takehome-marker").exists()


def test_modules_named_like_the_tools_are_never_run(analyse: Analyse, submission: Submission, scratch: Path) -> None:
    document = analyse(submission("shadows"))
    assert not (scratch / "takehome-marker").exists()
    assert document["types"]["strict"]["problem"] == ""
    assert document["lint"]["problem"] == ""


@pytest.mark.parametrize("name", ["ruff_config", "noqa"])
def test_exceptions_from_the_linter_change_nothing(name: str, analyse: Analyse, submission: Submission) -> None:
    folder = submission(name)
    (folder / ".gitignore").write_text("*.py\n")
    document = analyse(folder)
    assert document["lint"]["by_group"]["async"] >= 25
    assert document["lint"]["by_group"]["security"] >= 25
    assert lint_share(document) == 0
    assert document["lint"]["suppressions"] == {"ruff_config": 0, "noqa": 27}[name]
    assert not any("root:" in str(finding) for finding in document["lint"]["findings"])


def test_code_kept_from_mypy_counts_as_wrong(analyse: Analyse, submission: Submission) -> None:
    strict = analyse(submission("unchecked"))["types"]["strict"]
    assert strict["unchecked_lines"] > 60
    assert strict["per_100_lines"] >= 7


def test_tests_that_the_service_imports_are_part_of_it(analyse: Analyse, submission: Submission) -> None:
    document = analyse(submission("hidden_in_tests"))
    assert "tests/service.py" in document["types"]["per_file"]
    assert "tests/test_main.py" not in analyse(submission("good"))["types"]["per_file"]


def test_functions_that_nothing_refers_to_do_not_count(analyse: Analyse, submission: Submission) -> None:
    padded, plain = analyse(submission("dead")), analyse(submission("good"))
    assert padded["types"]["annotated"]["parameters"] == plain["types"]["annotated"]["parameters"]
    assert len(padded["types"]["annotated"]["unused"]) == 40


def test_files_that_are_no_python_are_findings(analyse: Analyse, submission: Submission) -> None:
    folder = submission("good")
    (folder / "app" / "bytes.py").write_bytes(b"# caf\xe9\nx = '\xff'\n")
    (folder / "app" / "latin.py").write_bytes("# -*- coding: latin-1 -*-\nNAME = 'caf\u00e9'\n".encode("latin-1"))
    (folder / "app" / "broken.py").write_text("def f(:\n    pass\n")
    (folder / "app" / "nul.py").write_bytes(b"x = 1\0\n")
    document = analyse(folder)
    found = {finding["path"] for finding in document["lint"]["findings"]}
    assert found >= {f"app/{name}.py" for name in ("bytes", "latin", "broken", "nul")}
    assert document["types"]["strict"]["problem"] == ""
    assert "app/main.py" in document["types"]["per_file"]


def test_files_that_python_would_not_run_do_not_stop_the_analysis(analyse: Analyse, submission: Submission) -> None:
    folder = submission("no_annotations")
    for number in range(6):
        (folder / "app" / f"stop{number}.py").write_text(f"return {number}\n")
    strict = analyse(folder)["types"]["strict"]
    assert strict["problem"] == ""
    assert strict["errors"] >= 25


def test_settings_for_mypy_in_a_docstring_change_nothing(analyse: Analyse, submission: Submission) -> None:
    folder = submission("no_annotations")
    main = folder / "app" / "main.py"
    main.write_text('"""Main.\n\n# mypy: ignore-errors\n"""\n' + main.read_text())
    assert analyse(folder)["types"]["strict"]["errors"] >= 25


def test_code_that_mypy_takes_for_unreachable_counts_as_unchecked(analyse: Analyse, submission: Submission) -> None:
    folder = submission("good")
    hidden = "".join(f"    wrong{number}: int = str({number})\n" for number in range(10))
    (folder / "app" / "stop.py").write_text(
        "from typing import NoReturn, cast\nfrom collections.abc import Callable\n\n"
        'stop = cast("Callable[[], NoReturn]", print)\n\n\n'
        f"def serve() -> None:\n    stop()\n{hidden}\n\nserve()\n"
    )
    strict = analyse(folder)["types"]["strict"]
    assert strict["unchecked_lines"] == 10
    assert strict["findings"] == []


def test_a_service_cannot_pass_for_a_virtual_environment(analyse: Analyse, submission: Submission) -> None:
    folder = submission("no_annotations")
    (folder / "app" / "pyvenv.cfg").write_text("home = /usr/bin\n")
    (folder / "app" / "bin").mkdir()
    assert "app/main.py" in analyse(folder)["types"]["per_file"]


def test_what_others_wrote_and_large_data_of_tests_do_not_count(analyse: Analyse, submission: Submission) -> None:
    folder = submission("good")
    before = analyse(folder)["lines"]
    library = folder / "env" / "lib" / "python3.11" / "site-packages"
    library.mkdir(parents=True)
    (folder / "env" / "bin").mkdir()
    (folder / "env" / "pyvenv.cfg").write_text("home = /usr/bin\n")
    (library / "other.py").write_text("def f(x):\n    return x\n")
    (folder / "tests" / "data.py").write_text("x = [" + "1, " * 700_000 + "]\n")
    assert analyse(folder)["lines"] == before


def test_code_that_costs_mypy_without_end_is_the_submissions_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    costly = "1"
    for number in range(24):
        costly = f"max([1], key=lambda x{number}: {costly}, default=[2])"
    (tmp_path / "source").mkdir()
    (tmp_path / "copy").mkdir()
    (tmp_path / "source" / "costly.py").write_text(f"y: object = {costly}\n")
    monkeypatch.setattr(mypy_run, "CPU_S", 1)
    sources = read_sources(tmp_path / "source", tmp_path / "copy")
    strict = mypy_run.check_types(sources, Path(sys.executable), tmp_path / "cache", tmp_path / "copy")
    assert (strict.problem, strict.dropped) == ("", {"costly.py"})


def test_one_severe_finding_is_enough_not_to_pass(analyse: Analyse, submission: Submission) -> None:
    folder = submission("good")
    (folder / "app" / "rule.py").write_text("def rule(text: str) -> bool:\n    return bool(eval(text))\n\n\nrule('')\n")
    document = analyse(folder)
    assert document["lint"]["severe"] == 1
    assert lint_share(document) <= 0.9


def test_monstrous_files_are_findings(analyse: Analyse, submission: Submission) -> None:
    folder = submission("good")
    (folder / "app" / "line.py").write_text("x = [" + "1, " * 700_000 + "]\n")
    (folder / "app" / "sum.py").write_text("x = " + "1 + " * 20_000 + "1\n")
    (folder / "app" / "brackets.py").write_text("x = " + "[" * 5_000 + "]" * 5_000 + "\n")
    (folder / "app" / "minus.py").write_text("x = " + "-" * 9_000 + "1\n")
    (folder / "app" / "dots.py").write_text("import os\nx = os" + ".a" * 800 + "\n")
    document = analyse(folder)
    unread = {finding["path"] for finding in document["types"]["strict"]["findings"]}
    assert unread == {f"app/{name}.py" for name in ("line", "sum", "brackets", "minus", "dots")}
    assert document["types"]["strict"]["problem"] == ""


def test_a_submission_that_cannot_be_written_to_is_left_as_it_was(analyse: Analyse, submission: Submission) -> None:
    folder = submission("good")
    before = sorted(str(path) for path in folder.rglob("*"))
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        assert score(analyse(folder)) >= 0.95
        assert sorted(str(path) for path in folder.rglob("*")) == before
    finally:
        for path in [folder, *folder.rglob("*")]:
            os.chmod(path, 0o755)


def test_an_empty_submission_has_a_document(analyse: Analyse, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    document = analyse(tmp_path / "empty")
    assert document["lines"] == 0
    assert score(document) == 0


def test_names_that_are_no_identifiers_do_not_stop_mypy(analyse: Analyse, submission: Submission) -> None:
    folder = submission("good")
    (folder / "my-scripts").mkdir()
    (folder / "my-scripts" / "2-load data.py").write_text("def load(x):\n    return x\n\n\nload(1)\n")
    (folder / "app" / "main").mkdir()
    (folder / "app" / "main" / "__init__.py").write_text("x: int = ''\n")
    document = analyse(folder)
    assert document["types"]["strict"]["problem"] == ""
    found = {finding["path"] for finding in document["types"]["strict"]["findings"]}
    assert found == {"my-scripts/2-load data.py", "app/main/__init__.py"}
