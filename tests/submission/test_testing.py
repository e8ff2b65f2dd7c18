"""Which tests a submission brings along, and what they need."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.submission import read_project

APP = {"app/main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n", "tests/test_a.py": ""}
SERVICE = '[project]\nname = "x"\nversion = "1"\ndependencies = ["fastapi", "uvicorn"]\n'


def needs(root: Path, pyproject: str, **more: str) -> tuple[set[str], tuple[str, ...]]:
    for name, text in {**APP, "pyproject.toml": SERVICE + pyproject, **more}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    found = read_project(root, app=None).own_tests
    return set(found.requirements) - {"fastapi", "uvicorn", "pytest", "coverage"}, found.notes


@pytest.mark.parametrize(
    "pyproject",
    [
        '[dependency-groups]\ndev = ["respx"]\ndocs = ["sphinx"]\n',
        '[dependency-groups]\ntest = [{include-group = "http"}]\nhttp = ["respx"]\n',
        '[project.optional-dependencies]\ntests = ["respx"]\nfast = ["orjson"]\n',
        '[tool.uv]\ndev-dependencies = ["respx"]\n',
        '[tool.poetry.group.dev.dependencies]\nrespx = "*"\n[tool.poetry.group.docs.dependencies]\nsphinx = "*"\n',
        '[tool.poetry.dev-dependencies]\nrespx = "*"\n',
    ],
)
def test_what_is_declared_for_tests_is_installed_for_them(tmp_path: Path, pyproject: str) -> None:
    assert needs(tmp_path, pyproject) == ({"respx"}, ())


@pytest.mark.parametrize(
    "name", ["requirements-dev.txt", "requirements_test.txt", "dev-requirements.txt", "requirements/tests.txt"]
)
def test_a_requirements_file_for_tests_is_read(tmp_path: Path, name: str) -> None:
    assert needs(tmp_path, "", **{name: "respx\n"}) == ({"respx"}, ())


def test_a_requirements_file_for_something_else_is_not(tmp_path: Path) -> None:
    assert needs(tmp_path, "", **{"requirements-docs.txt": "sphinx\n"}) == (set(), ())


def test_what_cannot_be_installed_is_a_note_and_no_error(tmp_path: Path) -> None:
    found, notes = needs(tmp_path, '[dependency-groups]\ndev = ["respx", "mine @ file:///etc/passwd"]\n')
    assert found == {"respx"}
    assert len(notes) == 1
    assert "pyproject.toml:6" in notes[0]


def test_groups_that_include_each_other_come_to_an_end(tmp_path: Path) -> None:
    groups = '[dependency-groups]\ndev = [{include-group = "test"}, "respx"]\ntest = [{include-group = "dev"}]\n'
    assert needs(tmp_path, groups)[0] == {"respx"}


def test_without_test_files_nothing_is_needed(tmp_path: Path) -> None:
    needs(tmp_path, "")
    (tmp_path / "tests" / "test_a.py").unlink()
    found = read_project(tmp_path, app=None).own_tests
    assert (found.files, found.requirements) == ((), ())


def test_test_files_are_found_wherever_they_are(tmp_path: Path) -> None:
    needs(tmp_path, "", **{"app/users_test.py": "", "app/testing.py": ""})
    assert read_project(tmp_path, app=None).own_tests.files == ("app/users_test.py", "tests/test_a.py")
