"""Project: what a snapshot declares about itself: its app, its dependencies, its Python."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from harness.errors import SubmissionError, TakehomeError, UsageError
from harness.submission.app import Found, Unread, binding, is_factory, module_file, parse, search
from harness.submission.dependencies import Dependencies, read_dependencies
from harness.submission.files import line_of, read_toml, table
from harness.submission.intake import shown
from harness.submission.testing import OwnTests, read_own_tests

CONVENTION = "app.main:app"
_NAME = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*:[^\W\d]\w*\Z")
_MOST_LISTED = 10
_LOOKED = (
    "looked for --app, [tool.takehome] app in pyproject.toml, app in app/main.py or src/app/main.py,\n"
    "and for `name = FastAPI(...)` or a `create_app` at the top level of every module outside of tests"
)
_TELL = 'name it in pyproject.toml:\n[tool.takehome]\napp = "package.module:attribute"'


@dataclass(frozen=True)
class Project:
    """How the submission is started and what it needs.

    `app` is what uvicorn takes; `app_dir` is "src" when modules lie below it, else empty (the root itself);
    `factory` tells that `app` is a function that makes the app.
    """

    app: str
    app_dir: str
    factory: bool
    dependencies: Dependencies
    requires_python: str | None
    own_tests: OwnTests = field(default_factory=OwnTests)


def read_project(snapshot_path: Path, *, app: str | None) -> Project:
    """Read a snapshot without importing or running anything of it.

    The app: the option `app`, else [tool.takehome] app, else app.main:app, else the only one found.

    Raises:
        UsageError: the option `app` names what isn't there.
        SubmissionError: no app, several, or none declared that exists; dependencies missing or refused; bad TOML.
    """
    document, text = read_toml(snapshot_path, "pyproject.toml") or ({}, "")
    found = _app(snapshot_path, app, table(table(document.get("tool")).get("takehome")).get("app"), text)
    dependencies = read_dependencies(snapshot_path, document, text)
    return Project(
        app=found.name,
        app_dir=found.app_dir,
        factory=found.factory,
        dependencies=dependencies,
        requires_python=dependencies.requires_python,
        own_tests=read_own_tests(snapshot_path, document, text, dependencies),
    )


def _app(root: Path, option: str | None, declared: object, text: str) -> Found:
    if option is not None:
        return _named(root, option, UsageError, "--app")
    if declared is not None:
        return _named(root, declared, SubmissionError, "pyproject.toml" + line_of(text, "[tool.takehome]"))
    place = module_file(root, CONVENTION.partition(":")[0])
    tree = parse(place[0]) if place else Unread("")
    if place and (isinstance(tree, Unread) or binding(tree, "app")):
        return _named(root, CONVENTION, SubmissionError, "")
    return _searched(root)


def _named(root: Path, name: object, error: type[TakehomeError], where: str) -> Found:
    if not isinstance(name, str) or not _NAME.match(name):
        raise error(
            "not the name of an app", where=where, detail=shown(str(name)), next_step=f"write it like {CONVENTION}"
        )
    module, _, attribute = name.partition(":")
    place = module_file(root, module)
    if place is None:
        stem = module.replace(".", "/")
        raise error(
            f"there is no module {module}",
            where=where,
            detail=f"neither {stem}.py nor src/{stem}.py",
            next_step="correct the name, or " + _TELL,
        )
    path, app_dir = place
    tree = parse(path)
    relative = path.relative_to(root).as_posix()
    if isinstance(tree, Unread):
        raise error(
            "the app's module is not valid Python",
            where=f"{relative}:{tree.line}" if tree.line else relative,
            detail=str(tree),
            next_step="correct its syntax",
        )
    bound = binding(tree, attribute)
    if bound is None:
        raise error(
            f"the module {module} has no {attribute} at its top level",
            where=relative,
            next_step="correct the name, or " + _TELL,
        )
    return Found(module, attribute, app_dir, is_factory(bound), relative, bound.lineno)


def _searched(root: Path) -> Found:
    apps, factories, unread = search(root)
    found = apps or factories
    if len(found) == 1:
        return found[0]
    if found:
        listed = [f"{f.path}:{f.line}  {f.name}" for f in found[:_MOST_LISTED]]
        if len(found) > _MOST_LISTED:
            listed.append(f"and {len(found) - _MOST_LISTED} more")
        raise SubmissionError(
            "several FastAPI apps found", where="the submission", detail="\n".join(listed), next_step=_TELL
        )
    raise SubmissionError(
        "no FastAPI app found",
        where="the submission",
        detail="\n".join([_LOOKED, *(f"not valid Python: {line}" for line in unread[:_MOST_LISTED])]),
        next_step=f"put it at {CONVENTION}, or {_TELL}",
    )
