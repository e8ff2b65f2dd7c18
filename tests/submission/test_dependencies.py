"""What is declared, in every file that can declare it, and everything that is refused with file and line."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from harness.errors import SubmissionError
from harness.submission import Dependencies, read_project
from tests.packaging.tree import ROOT
from tests.submission.trees import MAIN, PYPROJECT, write

APP = {"app/main.py": MAIN}


def read(tmp_path: Path, files: Mapping[str, str | bytes]) -> Dependencies:
    return read_project(write(tmp_path / "s", {**APP, **files}), app=None).dependencies


def requirements(tmp_path: Path, text: str | bytes, **files: str) -> tuple[str, ...]:
    named = {name.replace("__", "/") + ".txt": content for name, content in files.items()}
    return read(tmp_path, {"requirements.txt": text, **named}).requirements


def project(*dependencies: str) -> str:
    return f"[project]\nname = 's'\nversion = '1'\ndependencies = {list(dependencies)}\n"


def test_pyproject_alone_is_enough(tmp_path: Path) -> None:
    assert read(tmp_path, {"pyproject.toml": PYPROJECT}) == Dependencies(
        requirements=("fastapi", "uvicorn"), source="pyproject.toml", requires_python=">=3.11", pinned=False
    )


def test_requirements_txt_comes_before_pyproject(tmp_path: Path) -> None:
    files = {"requirements.txt": "uvicorn==0.30.0\nfastapi==0.115.0\n", "pyproject.toml": PYPROJECT}
    assert read(tmp_path, files) == Dependencies(
        requirements=("fastapi==0.115.0", "uvicorn==0.30.0"),
        source="requirements.txt",
        requires_python=">=3.11",
        pinned=True,
    )


def test_an_empty_requirements_txt_does_not_hide_pyproject(tmp_path: Path) -> None:
    assert read(tmp_path, {"requirements.txt": "# none\n", "pyproject.toml": PYPROJECT}).source == "pyproject.toml"


def test_requirements_are_normalised_sorted_and_unique(tmp_path: Path) -> None:
    text = 'Uvicorn[Standard] >= 0.30,<1\nPyJWT\nuvicorn[standard]<1,>=0.30 # twice\nwin_lib ; os_name == "nt"\n'
    assert requirements(tmp_path, text) == ("pyjwt", "uvicorn[standard]<1,>=0.30", 'win-lib; os_name == "nt"')


def test_hashes_continuations_and_harmless_options_are_taken(tmp_path: Path) -> None:
    text = (
        "--require-hashes\n--only-binary=:all:\n"
        "fastapi==0.115.0 \\\n    --hash=sha256:ab12 \\\n    --hash=sha256:cd34\n"
        "uvicorn==0.30.0 --hash=sha256:ef56  # via\n"
    )
    assert requirements(tmp_path, text) == ("fastapi==0.115.0", "uvicorn==0.30.0")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_what_windows_tools_write_is_read(encoding: str, tmp_path: Path) -> None:
    assert requirements(tmp_path, "fastapi\r\nuvicorn\r\n".encode(encoding)) == ("fastapi", "uvicorn")


def test_included_files_inside_are_read_relative_to_the_file_that_names_them(tmp_path: Path) -> None:
    found = requirements(
        tmp_path,
        "-r requirements/prod.txt\n",
        requirements__prod="-rbase.txt\n--requirement=../more.txt\nuvicorn",
        requirements__base="fastapi",
        more="httpx",
    )
    assert found == ("fastapi", "httpx", "uvicorn")


def test_files_that_include_each_other_are_read_once(tmp_path: Path) -> None:
    found = requirements(tmp_path, "-r a.txt\nfastapi", a="-r requirements.txt\n-r a.txt\nuvicorn")
    assert found == ("fastapi", "uvicorn")


def test_a_diamond_of_includes_does_not_multiply(tmp_path: Path) -> None:
    twice = {f"f{n}": f"-r f{n + 1}.txt\n" * 2_000 for n in range(4)}
    assert requirements(tmp_path, "-r f0.txt", **twice, f4="fastapi") == ("fastapi",)


def test_a_long_chain_of_includes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SubmissionError, match="deeper than 5") as error:
        requirements(tmp_path, "-r f0.txt", **{f"f{n}": f"\n-r f{n + 1}.txt" for n in range(9)})
    assert error.value.where == "f4.txt:2"


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("--index-url https://evil.example/simple", "option --index-url"),
        ("-i https://evil.example", "option -i"),
        ("--extra-index-url=https://evil.example", "option --extra-index-url"),
        ("--find-links ./w", "option --find-links"),
        ("-f wheels", "option -f"),
        ("--trusted-host evil.example", "option --trusted-host"),
        ("--pre", "option --pre"),
        ("--no-binary :all:", "option --no-binary"),
        ("-c constraints.txt", "option -c"),
        ("-e .", "option -e"),
        ("--editable ./lib", "option --editable"),
        ("-e git+https://example.org/x#egg=x", "option -e"),
        ("--config-settings x=y", "option --config-settings"),
        ("--only-binary=x --index-url x", "option --only-binary"),
        ("-r ../outside.txt", "outside the submission"),
        ("-r /etc/passwd", "outside the submission"),
        ("-r https://evil.example/r.txt", "outside the submission"),
        ("-r a/../../x.txt", "outside the submission"),
        ("-r nowhere.txt", "does not exist"),
        ("-r app", "does not exist"),
        ("git+https://example.org/x", "a path or a URL"),
        ("https://example.org/x.whl", "a path or a URL"),
        ("file:///etc/passwd", "a path or a URL"),
        ("file:x", "a path or a URL"),
        ("./lib", "a path or a URL"),
        ("../lib", "a path or a URL"),
        (".", "a path or a URL"),
        ("/lib", "a path or a URL"),
        ("lib/x", "a path or a URL"),
        ("x-1.0-py3-none-any.whl", "a path or a URL"),
        ("x.tar.gz", "a path or a URL"),
        ("C:\\lib", "a path or a URL"),
        ("~/lib", "a path or a URL"),
        ("x @ https://example.org/x.whl", "fetched from a URL"),
        ("x @ file:///etc/x", "fetched from a URL"),
        ("x @ git+ssh://example.org/x", "fetched from a URL"),
        ("fastapi==", "not a requirement"),
        ("fast api", "not a requirement"),
        ("${EVIL}", "not a requirement"),
        ("fastapi --index-url x", "not a requirement"),
        ("fastapi ; os_name == 'a\x0bb'", "control characters"),
        ("x ; " + "(" * 4_000, "not a requirement"),
        ("x" + ">1," * 2_000 + ">1", "longer than 4,096 characters"),
    ],
)
def test_a_line_that_fetches_from_elsewhere_is_refused_with_its_number(line: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(SubmissionError, match=says) as error:
        requirements(tmp_path, f"# one\nfastapi\n{line}\nuvicorn\n")
    assert error.value.where == "requirements.txt:3"
    assert error.value.next_step


def test_a_line_break_in_a_marker_cannot_become_an_option(tmp_path: Path) -> None:
    dependency = "fastapi; os_name != 'x\\n--index-url=https://evil.example\\n'"
    text = f'[project]\nname = "s"\nversion = "1"\ndependencies = ["{dependency}"]\n'
    with pytest.raises(SubmissionError, match="control characters"):
        read(tmp_path, {"pyproject.toml": text})


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        (project("fastapi", "x @ git+https://example.org/x"), ":4", "fetched from a URL"),
        (project("./lib"), ":4", "a path or a URL"),
        (project("-e ."), ":4", "not a requirement"),
        ("[project]\ndependencies = 'fastapi'\n", ":2", "not a list of strings"),
        ("[project]\ndependencies = [1]\n", ":2", "not a list of strings"),
        ("[project]\nrequires-python = 'three'\ndependencies = ['fastapi']\n", ":2", "requires-python"),
        (project("x") + "[tool.uv.sources]\nx = { path = '/etc' }\n", ":6", "tool.uv.sources"),
        (project("x") + "[tool.uv.sources]\nX = { git = 'https://example.org' }\n", ":6", "tool.uv.sources"),
        ("[project\n", ":1", "not valid TOML"),
        ("a = 1\na = 2\n", ":2", "not valid TOML"),
        ("a = " + "[" * 5_000, "", "not valid TOML"),
        (b"\xff\xff", "", "not UTF-8"),
        (b"#" * 5_000_000, "", "too large"),
    ],
)
def test_pyproject_is_refused_with_file_and_line(text: str | bytes, line: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(SubmissionError, match=says) as error:
        read(tmp_path, {"pyproject.toml": text})
    assert error.value.where == "pyproject.toml" + line


@pytest.mark.integration
@pytest.mark.parametrize("text", ["a." * 400_000 + "a = 1", "a = " + "[" * 500_000])
def test_toml_made_to_be_slow_is_stopped(text: str, tmp_path: Path) -> None:
    with pytest.raises(SubmissionError, match="not valid TOML"):
        read(tmp_path, {"pyproject.toml": text})


def test_optional_dependencies_and_groups_are_not_installed(tmp_path: Path) -> None:
    more = "[project.optional-dependencies]\nx = ['httpx']\n[dependency-groups]\ndev = ['pytest', './x']\n"
    assert read(tmp_path, {"pyproject.toml": PYPROJECT + more}).requirements == ("fastapi", "uvicorn")


def test_an_index_of_the_submissions_own_is_noted_and_not_used(tmp_path: Path) -> None:
    index = "[[tool.uv.index]]\nname = 'mine'\nurl = 'https://evil.example/simple'\n"
    found = read(tmp_path, {"pyproject.toml": PYPROJECT + index})
    assert "the index in [tool.uv] is not used" in found.notes[0]
    assert "evil" not in "".join(found.requirements)


@pytest.mark.parametrize(
    ("constraint", "specifier"),
    [
        ("^1.2.3", "<2,>=1.2.3"),
        ("^0.115", "<0.116,>=0.115"),
        ("^0.0.3", "<0.0.4,>=0.0.3"),
        ("~1.2", "<1.3,>=1.2"),
        ("~1", "<2,>=1"),
        ("1.2", "==1.2"),
        (">=1,<2", "<2,>=1"),
        ("*", ""),
        ("~=1.2", "~=1.2"),
        ("1.*", "==1.*"),
    ],
)
def test_poetrys_constraints_are_converted(constraint: str, specifier: str, tmp_path: Path) -> None:
    text = f'[tool.poetry.dependencies]\npython = "^3.11"\nuvicorn = "{constraint}"\n'
    found = read(tmp_path, {"pyproject.toml": text})
    assert found.requirements == (f"uvicorn{specifier}",)
    assert found.requires_python == "<4,>=3.11"


def test_poetrys_extras_markers_and_optional_packages_are_understood(tmp_path: Path) -> None:
    text = (
        "[tool.poetry.dependencies]\n"
        'uvicorn = { version = "*", extras = ["standard"], markers = "os_name == \'nt\'" }\n'
        'httpx = { version = "*", optional = true }\n'
    )
    assert read(tmp_path, {"pyproject.toml": text}).requirements == ('uvicorn[standard]; os_name == "nt"',)


@pytest.mark.parametrize("entry", ['{ git = "https://x" }', '{ path = "../x" }', '[{ version = "1" }]', '"1 || 2"'])
def test_poetrys_other_forms_are_refused_with_the_line(entry: str, tmp_path: Path) -> None:
    with pytest.raises(SubmissionError) as error:
        read(tmp_path, {"pyproject.toml": f'[tool.poetry.dependencies]\nfastapi = "*"\nx = {entry}\n'})
    assert error.value.where == "pyproject.toml:3"


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({}, "list them in"),
        ({"Pipfile": ""}, "not read: Pipfile"),
        ({"api/pyproject.toml": ""}, "the folder 'api'"),
        ({"pyproject.toml": "[project]\ndynamic = ['dependencies']\n"}, "dynamic"),
    ],
)
def test_no_dependencies_at_all_is_said_with_what_to_do(files: dict[str, str], says: str, tmp_path: Path) -> None:
    with pytest.raises(SubmissionError, match="no dependencies are declared") as error:
        read(tmp_path, files)
    assert says in str(error.value)


def test_more_requirements_than_any_service_needs_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SubmissionError, match="more than 500"):
        requirements(tmp_path, "\n".join(f"x{n}" for n in range(501)))


def test_our_own_lock_file_is_read(tmp_path: Path) -> None:
    files = {name: (ROOT / name).read_bytes() for name in ("pyproject.toml", "uv.lock")}
    found = read(tmp_path, files)
    assert (found.source, found.pinned, found.notes) == ("uv.lock", True, ())
    names = {text.partition("==")[0] for text in found.requirements}
    assert {"typer", "pydantic-core", "ruff"} <= names
    assert not {"takehome", "pytest-timeout"} & names
