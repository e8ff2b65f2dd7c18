"""What a submission declares that it needs, from the file that says it best."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name

from harness.errors import SubmissionError
from harness.submission.files import line_of, read_toml, table
from harness.submission.intake import shown
from harness.submission.lock import matches, pylock_requirements, uv_requirements
from harness.submission.poetry import poetry_requirements
from harness.submission.requirements import MOST, is_pinned, requirement, requirements_file

_UNREAD = ("Pipfile", "Pipfile.lock", "poetry.lock", "setup.py", "setup.cfg", "environment.yml", "conda.yaml")


@dataclass(frozen=True)
class Dependencies:
    """Requirements by name, sorted and normalised, markers kept, hashes dropped.

    `source` is the file they are from; `pinned` tells that each names one exact version; `notes` say what was
    declared but not used, for the report.
    """

    requirements: tuple[str, ...]
    source: str
    requires_python: str | None
    pinned: bool
    notes: tuple[str, ...] = ()


def read_dependencies(root: Path, pyproject: dict[str, Any], text: str) -> Dependencies:
    """Read uv.lock (when it belongs to pyproject.toml), else pylock.toml, requirements.txt, pyproject.toml.

    `text` is that of pyproject.toml, for line numbers.

    Raises:
        SubmissionError: none are declared, or one is refused; `where` is file:line.
    """
    notes: list[str] = []
    declared, python = _declared(pyproject, text)
    uv = table(table(pyproject.get("tool")).get("uv"))
    if any(uv.get(key) for key in ("index", "index-url", "extra-index-url", "find-links")):
        notes.append("the index in [tool.uv] is not used: packages come from the index of whoever grades")
    found, source = _locked(root, declared, notes)
    if not found and (listed := requirements_file(root, "requirements.txt")):
        found, source = listed, "requirements.txt"
    if not found:
        _refuse_sources(uv, declared, text)
        found, source = declared, "pyproject.toml"
    if not found:
        raise _none(root, pyproject)
    if len(found) > MOST:
        raise SubmissionError(
            f"more than {MOST} requirements", where=source, next_step="declare only what the service needs"
        )
    return Dependencies(
        requirements=tuple(sorted({str(item) for item in found})),
        source=source,
        requires_python=python,
        pinned=all(map(is_pinned, found)),
        notes=tuple(notes),
    )


def _locked(root: Path, declared: list[Requirement], notes: list[str]) -> tuple[list[Requirement], str]:
    if lock := read_toml(root, "uv.lock"):
        if matches(lock[0], declared):
            return uv_requirements(*lock), "uv.lock"
        notes.append("uv.lock does not match pyproject.toml and was not used")
    if pylock := read_toml(root, "pylock.toml"):
        return pylock_requirements(*pylock), "pylock.toml"
    return [], ""


def _declared(pyproject: dict[str, Any], text: str) -> tuple[list[Requirement], str | None]:
    project = table(pyproject.get("project"))
    poetry = table(table(pyproject.get("tool")).get("poetry"))
    if "dependencies" not in project and "dependencies" in poetry:
        found, python = poetry_requirements(poetry, text)
        return found, _python(project.get("requires-python", python), text)
    listed = project.get("dependencies", [])
    if not isinstance(listed, list) or not all(isinstance(item, str) for item in listed):
        raise SubmissionError(
            "[project] dependencies is not a list of strings",
            where="pyproject.toml" + line_of(text, "dependencies"),
            next_step='write dependencies = ["fastapi", "uvicorn"]',
        )
    found = [requirement(item, partial(_place, text, item)) for item in listed]
    return found, _python(project.get("requires-python"), text)


def _place(text: str, item: str) -> str:
    return "pyproject.toml" + line_of(text, item)


def _python(value: object, text: str) -> str | None:
    if value is None:
        return None
    try:
        if isinstance(value, str):
            return str(SpecifierSet(value)) or None
    except InvalidSpecifier:
        pass
    raise SubmissionError(
        "requires-python is not a version specifier",
        where="pyproject.toml" + line_of(text, "requires-python", "python"),
        detail=shown(str(value)),
        next_step='write, for instance, requires-python = ">=3.11"',
    )


def _refuse_sources(uv: dict[str, Any], declared: Iterable[Requirement], text: str) -> None:
    names = {item.name for item in declared}
    for name, source in table(uv.get("sources")).items():
        if canonicalize_name(name) in names and not (isinstance(source, dict) and set(source) <= {"index", "marker"}):
            raise SubmissionError(
                "[tool.uv.sources] fetches a package from elsewhere than the index",
                where="pyproject.toml" + line_of(text, f"{name} =", f"{name}=", f"sources.{name}"),
                detail=shown(name),
                next_step="use a released version of it",
            )


def _none(root: Path, pyproject: dict[str, Any]) -> SubmissionError:
    unread = [name for name in _UNREAD if (root / name).is_file()]
    below = [p.parent.name for p in sorted(root.glob("*/pyproject.toml")) + sorted(root.glob("*/requirements.txt"))]
    detail = []
    if "dependencies" in (table(pyproject.get("project")).get("dynamic") or []):
        detail.append("pyproject.toml says its dependencies are dynamic: list them there, or in requirements.txt")
    if unread:
        detail.append("not read: " + ", ".join(unread))
    if below:
        detail.append(f"there is a project in the folder {shown(below[0])}: hand in that folder")
    return SubmissionError(
        "no dependencies are declared",
        where="uv.lock, pylock.toml, requirements.txt, pyproject.toml",
        detail="\n".join(detail),
        next_step="list them in [project] dependencies of pyproject.toml, uvicorn included",
    )
