"""The candidate's own tests: which files they are and what they declare that they need. Lenient: tests are no duty."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

from harness.errors import SubmissionError
from harness.submission.dependencies import Dependencies
from harness.submission.files import line_of, table
from harness.submission.poetry import poetry_requirements
from harness.submission.requirements import MOST, requirement, requirements_file

# A service's groups have many names; those of tests have few.
_GROUP = re.compile(r"(?:dev|develop|development|tests?|testing)\Z", re.IGNORECASE)
_FILE = re.compile(r"(?:requirements[-_./](?:dev|test|tests|testing)|(?:dev|test|tests)[-_]requirements)\.txt\Z")
_TEST = re.compile(r"(?:test_.*|.*_test)\.py\Z")
_MOST_FILES = 2000
# What runs them, whatever they declare.
_RUNNER = ("pytest", "coverage")


@dataclass(frozen=True)
class OwnTests:
    """`files` from the root; `requirements` hold those of the service; `notes` say what was not taken."""

    files: tuple[str, ...] = ()
    requirements: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def read_own_tests(root: Path, pyproject: dict[str, Any], text: str, service: Dependencies) -> OwnTests:
    """Find test files, and the groups and files of requirements that are meant for them; never raises."""
    files = tuple(sorted(_tests(root)))
    if not files:
        return OwnTests()
    found, notes = _declared(root, pyproject, text)
    listed = {str(item) for item in found[:MOST]}
    return OwnTests(files, tuple(sorted({*service.requirements, *listed, *_RUNNER})), tuple(notes))


def _tests(root: Path) -> Iterator[str]:
    for count, path in enumerate(root.rglob("*.py")):
        if count >= _MOST_FILES:
            return
        if _TEST.match(path.name) and path.is_file() and not path.is_symlink():
            yield path.relative_to(root).as_posix()


def _declared(root: Path, pyproject: dict[str, Any], text: str) -> tuple[list[Requirement], list[str]]:
    found: list[Requirement] = []
    notes: list[str] = []
    for source in _sources(root, pyproject, text):
        try:
            found += source()
        except SubmissionError as error:
            notes.append(f"not installed for the tests: {error.what} ({error.where})")
    return found, notes


def _sources(root: Path, pyproject: dict[str, Any], text: str) -> Iterator[Callable[[], list[Requirement]]]:
    for item in _listed(pyproject):
        yield partial(_one, item, text)
    for group in _poetry(pyproject):
        yield partial(_poetry_group, group, text)
    for name in sorted(path.relative_to(root).as_posix() for path in (*root.glob("*.txt"), *root.glob("*/*.txt"))):
        if _FILE.match(name):
            yield partial(_file, root, name)


def _one(item: str, text: str) -> list[Requirement]:
    return [requirement(item, partial(_place, text, item))]


def _poetry_group(group: dict[str, Any], text: str) -> list[Requirement]:
    return poetry_requirements(group, text)[0]


def _file(root: Path, name: str) -> list[Requirement]:
    return requirements_file(root, name) or []


def _listed(pyproject: dict[str, Any]) -> Iterator[str]:
    """PEP 735 groups, extras, and uv's own list."""
    groups = table(pyproject.get("dependency-groups"))
    extras = table(table(pyproject.get("project")).get("optional-dependencies"))
    uv = table(table(pyproject.get("tool")).get("uv"))
    for name in groups:
        if _GROUP.match(name):
            yield from _group(groups, name, {name})
    for name, items in extras.items():
        if _GROUP.match(name):
            yield from _texts(items)
    yield from _texts(uv.get("dev-dependencies"))


def _group(groups: dict[str, Any], name: str, seen: set[str]) -> Iterator[str]:
    items = groups.get(name)
    yield from _texts(items)
    for item in items if isinstance(items, list) else ():
        included = item.get("include-group") if isinstance(item, dict) else None
        if isinstance(included, str) and included not in seen:
            yield from _group(groups, included, seen | {included})


def _texts(items: object) -> Iterator[str]:
    if isinstance(items, list):
        yield from (item for item in items if isinstance(item, str))


def _poetry(pyproject: dict[str, Any]) -> Iterator[dict[str, Any]]:
    poetry = table(table(pyproject.get("tool")).get("poetry"))
    yield {"dependencies": table(poetry.get("dev-dependencies"))}
    for name, group in table(poetry.get("group")).items():
        if _GROUP.match(name):
            yield {"dependencies": table(table(group).get("dependencies"))}


def _place(text: str, item: str) -> str:
    return "pyproject.toml" + line_of(text, item)
