"""uv.lock and pylock.toml as exact requirements."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.errors import SubmissionError
from harness.submission import Dependencies, read_project
from tests.submission.trees import MAIN, write

PROJECT = '[project]\nname = "s"\nversion = "1"\ndependencies = ["fastapi>=0.115", "uvicorn[standard]"]\n'
REGISTRY = '{ registry = "https://pypi.org/simple" }'


def lock(more: str = "", fastapi_source: str = REGISTRY, wanted: str = ">=0.115") -> str:
    return f"""version = 1

[[package]]
name = "s"
version = "1"
source = {{ virtual = "." }}
dependencies = [
    {{ name = "fastapi" }},
    {{ name = "uvicorn", extra = ["standard"] }},
]

[package.dev-dependencies]
dev = [{{ name = "pytest" }}]

[package.metadata]
requires-dist = [
    {{ name = "fastapi", specifier = "{wanted}" }},
    {{ name = "uvicorn", extras = ["standard"] }},
    {{ name = "httpx", marker = "extra == 'x'" }},
]

[[package]]
name = "fastapi"
version = "0.115.0"
source = {fastapi_source}
dependencies = [{{ name = "anyio" }}, {{ name = "win" }}]

[[package]]
name = "uvicorn"
version = "0.30.0"
source = {REGISTRY}
dependencies = [{{ name = "anyio", marker = "os_name == 'nt'" }}]

[package.optional-dependencies]
standard = [{{ name = "uvloop", marker = "sys_platform != 'win32'" }}]

[[package]]
name = "uvloop"
version = "0.20.0"
source = {REGISTRY}
dependencies = [{{ name = "deep", marker = "python_version < '3.12'" }}]

[[package]]
name = "deep"
version = "1"
source = {REGISTRY}
dependencies = [{{ name = "uvloop" }}]

[[package]]
name = "anyio"
version = "4.0"
source = {REGISTRY}

[[package]]
name = "win"
version = "1"
source = {REGISTRY}

[[package]]
name = "pytest"
version = "9"
source = {{ git = "https://example.org/pytest" }}
{more}"""


def read(tmp_path: Path, files: dict[str, str]) -> Dependencies:
    return read_project(write(tmp_path / "s", {"app/main.py": MAIN, **files}), app=None).dependencies


def test_a_lock_that_matches_pyproject_comes_first_and_keeps_the_markers_of_the_way(tmp_path: Path) -> None:
    found = read(tmp_path, {"pyproject.toml": PROJECT, "uv.lock": lock(), "requirements.txt": "other"})
    assert (found.source, found.pinned) == ("uv.lock", True)
    assert found.requirements == (
        "anyio==4.0",
        'deep==1; python_version < "3.12" and sys_platform != "win32"',
        "fastapi==0.115.0",
        "uvicorn==0.30.0",
        'uvloop==0.20.0; sys_platform != "win32"',
        "win==1",
    )


@pytest.mark.parametrize("stale", [lock(wanted=">=0.114"), "version = 1\n", "package = 3\n"])
def test_a_lock_that_does_not_match_is_noted_and_not_used(stale: str, tmp_path: Path) -> None:
    found = read(tmp_path, {"pyproject.toml": PROJECT, "uv.lock": stale})
    assert found.source == "pyproject.toml"
    assert found.notes == ("uv.lock does not match pyproject.toml and was not used",)


@pytest.mark.parametrize(
    "source",
    [
        '{ git = "https://example.org/x" }',
        '{ path = "x.whl" }',
        '{ directory = "lib" }',
        '{ editable = "lib" }',
        '{ url = "https://example.org/x.whl" }',
    ],
)
def test_a_locked_package_from_elsewhere_is_refused_with_its_line(source: str, tmp_path: Path) -> None:
    with pytest.raises(SubmissionError, match="not from a package index") as error:
        read(tmp_path, {"pyproject.toml": PROJECT, "uv.lock": lock(fastapi_source=source)})
    assert error.value.where == "uv.lock:23"


def test_a_lock_that_names_what_it_does_not_hold_is_refused(tmp_path: Path) -> None:
    broken = lock().replace('{ name = "win" }', '{ name = "missing" }')
    with pytest.raises(SubmissionError, match=r"uv\.lock can't be used"):
        read(tmp_path, {"pyproject.toml": PROJECT, "uv.lock": broken})


def test_a_lock_with_two_versions_takes_the_one_that_is_named(tmp_path: Path) -> None:
    two = lock(f'\n[[package]]\nname = "win"\nversion = "2"\nsource = {REGISTRY}\n')
    two = two.replace('{ name = "win" }', '{ name = "win", version = "2", marker = "os_name == \'nt\'" }')
    found = read(tmp_path, {"pyproject.toml": PROJECT, "uv.lock": two})
    assert 'win==2; os_name == "nt"' in found.requirements
    assert "win==1" not in found.requirements


def test_a_version_with_an_option_in_it_is_refused(tmp_path: Path) -> None:
    evil = lock().replace('version = "4.0"', 'version = "4.0 --index-url=x"')
    with pytest.raises(SubmissionError):
        read(tmp_path, {"pyproject.toml": PROJECT, "uv.lock": evil})


def test_a_lock_made_to_be_slow_is_refused_soon(tmp_path: Path) -> None:
    layers = []
    for layer in range(40):
        edges = ", ".join(f'{{ name = "p{layer + 1}", marker = "os_name == \'{layer}-{n}\'" }}' for n in range(40))
        layers.append(f'[[package]]\nname = "p{layer}"\nversion = "1"\nsource = {REGISTRY}\ndependencies = [{edges}]\n')
    layers.append(f'[[package]]\nname = "p40"\nversion = "1"\nsource = {REGISTRY}\n')
    slow = lock("\n".join(layers)).replace('{ name = "win" }', '{ name = "p0" }')
    with pytest.raises(SubmissionError, match="too many conditions"):
        read(tmp_path, {"pyproject.toml": PROJECT, "uv.lock": slow})


PYLOCK = """lock-version = "1.0"
[[packages]]
name = "fastapi"
version = "0.115.0"
[[packages]]
name = "uvloop"
version = "0.20.0"
marker = "sys_platform != 'win32'"
[[packages]]
name = "pytest"
version = "9"
marker = "'dev' in dependency_groups"
"""


def test_a_pylock_comes_before_requirements_txt_and_leaves_groups_out(tmp_path: Path) -> None:
    found = read(tmp_path, {"pylock.toml": PYLOCK, "requirements.txt": "other"})
    assert (found.source, found.pinned) == ("pylock.toml", True)
    assert found.requirements == ("fastapi==0.115.0", 'uvloop==0.20.0; sys_platform != "win32"')


@pytest.mark.parametrize("form", ["vcs = { url = 'https://x' }", "archive = { path = 'x' }", "directory = {}"])
def test_a_pylock_package_from_elsewhere_is_refused_with_its_line(form: str, tmp_path: Path) -> None:
    with pytest.raises(SubmissionError, match="not from a package index") as error:
        read(tmp_path, {"pylock.toml": f'{PYLOCK}[[packages]]\nname = "evil"\n{form}\n'})
    assert error.value.where == "pylock.toml:14"
