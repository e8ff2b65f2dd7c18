"""Poetry's own dependency table, as requirements. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any

from packaging.requirements import Requirement

from harness.errors import SubmissionError
from harness.submission.files import line_of, table
from harness.submission.intake import shown
from harness.submission.requirements import requirement

_VERSION = re.compile(r"\s*(\^|~(?!=))?\s*v?(\d+(?:\.\d+)*)([\w.+*-]*)\s*\Z")
_NEXT = "declare it in [project] dependencies, such as fastapi==0.115.0"


def poetry_requirements(poetry: dict[str, Any], text: str) -> tuple[list[Requirement], str | None]:
    """The packages of [tool.poetry.dependencies] and what it says of Python.

    Raises:
        SubmissionError: a source other than the index, or a constraint that can't be converted.
    """
    found: list[Requirement] = []
    python: str | None = None
    for name, value in table(poetry.get("dependencies")).items():
        where = partial(_place, text, name)
        entry = value if isinstance(value, dict) else {"version": value}
        if not isinstance(entry.get("version"), str) or not set(entry) <= {"version", "extras", "markers", "optional"}:
            raise SubmissionError(
                "this form of a Poetry dependency is not taken", where=where(), detail=shown(name), next_step=_NEXT
            )
        specifier = _specifier(entry["version"], where)
        if name.lower() == "python":
            python = specifier or None
        elif not entry.get("optional"):
            extras = entry.get("extras", [])
            listed = ",".join(map(str, extras)) if isinstance(extras, list) else ""
            marker = f" ; {entry['markers']}" if entry.get("markers") else ""
            found.append(requirement(f"{name}{f'[{listed}]' if listed else ''}{specifier}{marker}", where))
    return found, python


def _place(text: str, name: str) -> str:
    return "pyproject.toml" + line_of(text, f"{name} =", f"{name}=", name)


def _specifier(constraint: str, where: Callable[[], str]) -> str:
    if constraint.strip() == "*":
        return ""
    if "||" in constraint:
        raise SubmissionError(
            "alternatives in a version constraint are not taken",
            where=where(),
            detail=shown(constraint),
            next_step=_NEXT,
        )
    return ",".join(_part(part) for part in constraint.split(",") if part.strip())


def _part(part: str) -> str:
    match = _VERSION.match(part)
    if match is None:
        return part.strip()
    operator, release, suffix = match.groups()
    if operator is None:
        return f"=={release}{suffix}"
    numbers = [int(number) for number in release.split(".")]
    if operator == "~":
        keep = min(len(numbers), 2)
    else:
        # A caret keeps everything up to the first number that isn't zero.
        keep = next((i for i, number in enumerate(numbers, 1) if number), len(numbers))
    upper = [*numbers[: keep - 1], numbers[keep - 1] + 1]
    return f">={release}{suffix},<{'.'.join(map(str, upper))}"
