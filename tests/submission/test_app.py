"""Finding the app: by name, by convention, by search; never by running it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from harness.errors import SubmissionError, UsageError
from harness.submission import read_project
from tests.submission.trees import MAIN, PYPROJECT, SERVICE, write

REQUIREMENTS = {"requirements.txt": "fastapi\nuvicorn\n"}


def found(tmp_path: Path, files: Mapping[str, str | bytes], app: str | None = None) -> tuple[str, str, bool]:
    project = read_project(write(tmp_path / "s", {**REQUIREMENTS, **files}), app=app)
    return project.app, project.app_dir, project.factory


def test_the_convention_is_taken_first(tmp_path: Path) -> None:
    assert found(tmp_path, {**SERVICE, "other.py": MAIN}) == ("app.main:app", "", False)


def test_the_convention_is_found_below_src(tmp_path: Path) -> None:
    assert found(tmp_path, {"src/app/main.py": MAIN}) == ("app.main:app", "src", False)


@pytest.mark.parametrize(
    "source",
    [
        "from .core import app",
        "from .core import *",
        "from x import make as app",
        "app: object = build()",
        "app, other = build()",
        "try:\n    app = a()\nexcept Exception:\n    raise",
        "if x:\n    app = a()",
        "async def app(scope, receive, send): ...",
        "def __getattr__(name): ...",
        "with x() as app:\n    pass",
    ],
)
def test_the_convention_holds_for_whatever_binds_the_name(source: str, tmp_path: Path) -> None:
    assert found(tmp_path, {"app/main.py": source, "other.py": MAIN}) == ("app.main:app", "", False)


def test_the_file_says_which_app(tmp_path: Path) -> None:
    declared = PYPROJECT + '[tool.takehome]\napp = "service.web:api"\n'
    files = {**SERVICE, "pyproject.toml": declared, "src/service/web.py": "from .core import api"}
    assert found(tmp_path, files) == ("service.web:api", "src", False)


def test_the_option_wins_over_the_file(tmp_path: Path) -> None:
    declared = PYPROJECT + '[tool.takehome]\napp = "service.web:api"\n'
    assert found(tmp_path, {"pyproject.toml": declared, "mine.py": MAIN}, "mine:app") == ("mine:app", "", False)


def test_a_named_function_without_arguments_is_a_factory(tmp_path: Path) -> None:
    assert found(tmp_path, {"a/__init__.py": "def make(x=1): ..."}, "a:make") == ("a:make", "", True)
    assert not found(tmp_path, {"a/__init__.py": "def make(x): ..."}, "a:make")[2]


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("from fastapi import FastAPI\nservice = FastAPI()", "service"),
        ("import fastapi\nservice = fastapi.FastAPI()", "service"),
        ("import fastapi as f\nservice: f.FastAPI = f.FastAPI()", "service"),
        ("from fastapi import FastAPI as F\nservice = F(title='x')", "service"),
        ("from fastapi.applications import FastAPI\nif True:\n    service = FastAPI()", "service"),
        ("from fastapi import FastAPI\ndef build() -> FastAPI: ...\nservice = build()", "service"),
        ("from x import create_app  # FastAPI\nservice = create_app()", "service"),
    ],
)
def test_the_only_app_is_found_wherever_it_is(source: str, name: str, tmp_path: Path) -> None:
    assert found(tmp_path, {"web/api.py": source}) == (f"web.api:{name}", "", False)


@pytest.mark.parametrize(
    "source",
    [
        "from fastapi import FastAPI\ndef create_app() -> FastAPI:\n    ...",
        "from fastapi import FastAPI\ndef create_app(debug=False):\n    app = FastAPI()\n    return app",
        "import fastapi\ndef create_app() -> 'FastAPI':\n    return fastapi.FastAPI()",
    ],
)
def test_the_only_factory_is_found_when_there_is_no_app(source: str, tmp_path: Path) -> None:
    assert found(tmp_path, {"web.py": source}) == ("web:create_app", "", True)


@pytest.mark.parametrize(
    ("files", "name", "app_dir"),
    [
        ({"src/web/api.py": MAIN}, "web.api:app", "src"),
        ({"src/main.py": "from src.db import x\n" + MAIN, "src/db.py": ""}, "src.main:app", ""),
        ({"src/main.py": MAIN, "src/__init__.py": ""}, "src.main:app", ""),
        ({"web/__init__.py": MAIN}, "web:app", ""),
    ],
)
def test_modules_are_named_as_they_will_be_imported(
    files: dict[str, str], name: str, app_dir: str, tmp_path: Path
) -> None:
    assert found(tmp_path, files) == (name, app_dir, False)


@pytest.mark.parametrize("path", ["tests/app.py", "test_app.py", "conftest.py", "not-a-module.py", "examples/a.py"])
def test_apps_of_tests_and_examples_are_not_candidates(path: str, tmp_path: Path) -> None:
    with pytest.raises(SubmissionError, match="no FastAPI app found"):
        found(tmp_path, {path: MAIN})


@pytest.mark.parametrize(
    "source",
    [
        "from fastapi import FastAPI\nif __name__ == '__main__':\n    app = FastAPI()",
        "from fastapi import FastAPI\ndef f():\n    app = FastAPI()",
        "# app = FastAPI()",
        "text = 'app = FastAPI()'",
    ],
)
def test_what_is_bound_on_no_import_is_no_app(source: str, tmp_path: Path) -> None:
    with pytest.raises(SubmissionError, match="no FastAPI app found") as error:
        found(tmp_path, {"web.py": source})
    assert "[tool.takehome]" in str(error.value)


def test_several_apps_are_listed_with_their_places(tmp_path: Path) -> None:
    with pytest.raises(SubmissionError, match="several FastAPI apps found") as error:
        found(tmp_path, {"one.py": MAIN, "pkg/two.py": MAIN})
    assert "one.py:3  one:app" in str(error.value)
    assert "pkg/two.py:3  pkg.two:app" in str(error.value)
    assert "[tool.takehome]" in error.value.next_step


@pytest.mark.parametrize(
    ("app", "says"),
    [
        ("nowhere:app", "no module nowhere"),
        ("app.main:nothing", "has no nothing at its top level"),
        ("app.main", "not the name of an app"),
        ("../x:app", "not the name of an app"),
        ("app.main:app()", "not the name"),
        ("app.main:app\x1b", "not the name of an app"),
    ],
)
def test_a_wrong_option_is_a_wrong_option(app: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=says) as error:
        found(tmp_path, SERVICE, app)
    assert "\x1b" not in str(error.value)


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ('"nowhere:app"', "no module nowhere"),
        ("3", "not the name of an app"),
        ('"app.main:x"', "has no x"),
    ],
)
def test_a_wrong_name_in_the_file_is_the_submissions_fault(value: str, says: str, tmp_path: Path) -> None:
    files = {**SERVICE, "pyproject.toml": f"{PYPROJECT}[tool.takehome]\napp = {value}\n"}
    with pytest.raises(SubmissionError, match=says):
        found(tmp_path, files)


def test_a_syntax_error_in_the_apps_module_is_named_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(SubmissionError, match="not valid Python") as error:
        found(tmp_path, {"app/main.py": "x = 1\ndef ("})
    assert (error.value.where, error.value.detail.split(":")[0]) == ("app/main.py:2", "line 2")


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("x = 1\ndef (", "   2 | def (\n     |     ^"),
        ("if x:\n\tx = = 1", "   2 |  x = = 1\n     |      ^"),
        ("x" * 300 + " = = 1", "   1 | " + "x" * 37 + " = = 1\n     | " + " " * 40 + "^"),
        ("é = = 1", "   1 | é = = 1"),
    ],
    ids=["plain", "a tab", "a long line", "not ASCII"],
)
def test_a_syntax_error_shows_the_line_with_a_caret_under_the_place(source: str, shown: str, tmp_path: Path) -> None:
    with pytest.raises(SubmissionError, match="not valid Python") as error:
        found(tmp_path, {"app/main.py": source})
    assert error.value.detail.partition("\n")[2] == shown


def test_bad_toml_shows_the_line_with_a_caret_under_the_place(tmp_path: Path) -> None:
    with pytest.raises(SubmissionError, match="not valid TOML") as error:
        found(tmp_path, {"pyproject.toml": 'a = 1\nname = "x\n'})
    assert error.value.where == "pyproject.toml:2"
    assert error.value.detail.endswith('\n   2 | name = "x\n     |          ^')


def test_a_place_that_a_submission_makes_up_in_its_toml_is_not_looked_for(tmp_path: Path) -> None:
    text = '["(at line 99, column 9)"]\na = 1\n["(at line 99, column 9)"]\n'
    with pytest.raises(SubmissionError, match="not valid TOML") as error:
        found(tmp_path, {"pyproject.toml": text})
    assert error.value.where == "pyproject.toml:3"


def test_a_syntax_error_elsewhere_is_named_when_no_app_is_found(tmp_path: Path) -> None:
    with pytest.raises(SubmissionError, match=r"not valid Python: web\.py: line 4"):
        found(tmp_path, {"web.py": MAIN + "def ("})


@pytest.mark.parametrize(
    "source",
    [
        b"app = " + b"-" * 100_000 + b"1",
        b"app = a" + b".b" * 100_000,
        b"if 1:\n  pass\n" + b"elif 1:\n  pass\n" * 20_000,
        b"app = 1\0",
        b"# coding: nonsense\napp = 1",
        b"\xff\xfe\x00",
        b"#" * 600_000,
        b"app = " + b"(" * 5_000,
    ],
)
def test_source_made_to_break_a_parser_is_refused(source: bytes, tmp_path: Path) -> None:
    with pytest.raises(SubmissionError, match="not valid Python"):
        found(tmp_path, {"app/main.py": source})


def test_nothing_of_the_submission_is_run(tmp_path: Path) -> None:
    proof = tmp_path / "proof"
    run = f"open({str(proof)!r}, 'w')\n"
    traps = ["setup.py", "conftest.py", "sitecustomize.py", "app/__init__.py", "fastapi.py", "packaging/__init__.py"]
    found(tmp_path, {**SERVICE, **dict.fromkeys(traps, run), "app/main.py": run + MAIN})
    assert not proof.exists()
