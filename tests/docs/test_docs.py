"""What the documents say can be typed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from typing import get_args, get_type_hints

import pytest

from harness.batch.run import Told
from harness.batch.worker import Attempt
from tests.cli.command import takehome

ROOT = Path(__file__).parents[2]


EXAMPLES = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "checks.md").read_text("utf-8"), re.S)


@pytest.mark.parametrize("code", EXAMPLES, ids=[re.findall(r"def (\w+)", code)[0] for code in EXAMPLES])
def test_an_example_check_of_the_docs_is_a_check(code: str) -> None:
    names: dict[str, object] = {}
    exec(compile(code, "docs/checks.md", "exec"), names)
    from harness.authoring.checks import Check

    (function,) = [value for name, value in names.items() if name.startswith("test_")]
    assert any(isinstance(value, Check) for value in vars(function).values())


@pytest.mark.integration
def test_the_example_checks_of_the_docs_are_typed_as_we_ask_of_others(tmp_path: Path) -> None:
    files = [tmp_path / f"example_{number}.py" for number in range(len(EXAMPLES))]
    for file, code in zip(files, EXAMPLES, strict=True):
        file.write_text(code)
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path / "cache"), *map(str, files)],
        cwd=ROOT,
        env={**os.environ, "MYPYPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_the_table_of_type_traps_has_a_row_for_each_trap_and_none_of_them_earns_points() -> None:
    text = (ROOT / "docs" / "type-traps.md").read_text("utf-8")
    scores = {name: float(score) for name, score in re.findall(r"^\| `(\w+)` .* \| ([\d.]+) \|$", text, re.M)}
    catalogue = {path.name for path in (ROOT / "tests" / "analysis" / "catalogue").iterdir() if path.is_dir()}
    about_lint, honest = {"noqa", "ruff_config", "src_layout"}, {"good", "dead", "shadows"}
    assert set(scores) == catalogue - about_lint
    assert {name for name, score in scores.items() if score >= 0.5} == honest


README_COMMANDS = sorted(
    set(
        re.findall(
            r"^    takehome ([a-z]+(?: (?:build|list|show|verify))?)", (ROOT / "README.md").read_text("utf-8"), re.M
        )
    )
)


@pytest.mark.parametrize("command", README_COMMANDS)
def test_a_command_of_the_readme_exists(command: str) -> None:
    assert takehome(*command.split(), "--help").code == 0


@pytest.mark.parametrize(("heading", "commands"), [("Grade", ["grade"]), ("Grade a folder of them", ["batch"])])
def test_the_options_of_a_section_in_the_readme_exist(heading: str, commands: list[str]) -> None:
    section = (ROOT / "README.md").read_text("utf-8").partition(f"## {heading}\n")[2].partition("\n## ")[0]
    named = set(re.findall(r"`(--[a-z-]+)", section))
    told = "".join(takehome(command, "--help").out for command in commands)
    assert named
    assert {option for option in named if option not in told} == set()


def test_every_document_that_is_linked_exists() -> None:
    for document in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "ARCHITECTURE.md"):
        for target in re.findall(r"\]\(([^)#]+)\)", document.read_text("utf-8")):
            assert (ROOT / target).is_file(), f"{document.name}: {target}"


def test_every_event_of_a_batch_is_documented() -> None:
    code = "".join(path.read_text("utf-8") for path in (ROOT / "harness" / "batch").glob("*.py"))
    code += (ROOT / "harness" / "cli" / "batch.py").read_text("utf-8")
    told = set(re.findall(r'(?:Told|_tell)\(\s*"(\w+)"', code)) | set(get_args(get_type_hints(Attempt)["kind"]))
    events = (ROOT / "docs" / "batch.md").read_text("utf-8").partition("## Events")[2]
    rows = re.findall(r"^\| (`[^|]+) \|", events, re.M)
    documented = {kind for row in rows for kind in re.findall(r"`(\w+)`", row)}
    assert told | {"retried"} == documented
    members = re.findall(r"`(\w+)`", events.partition("members: ")[2].partition("\n\n")[0])
    assert members == [field.name for field in fields(Told)]
