"""`--ci`: what GitHub Actions and GitLab CI read of a grade, handed over in the way of each."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Literal

import typer

from harness.cli import output
from harness.cli.console import err
from harness.errors import EnvironmentFault, UsageError
from harness.exports import FORMATS
from harness.exports.blame import ours
from harness.exports.places import is_inside, is_plain
from harness.record import GradeRecord

Ci = Literal["github", "gitlab"]
CiOption = Annotated[
    str | None,
    typer.Option("--ci", help="github or gitlab: also write what that CI reads, into --out (or takehome-results)."),
]
DEFAULT_OUT = Path("takehome-results")
_ROOT: dict[Ci, str] = {"github": "GITHUB_WORKSPACE", "gitlab": "CI_PROJECT_DIR"}
_FILES: dict[Ci, dict[str, str]] = {
    "github": {"junit.xml": "junit", "takehome.sarif": "sarif"},
    "gitlab": {"junit.xml": "junit", "gl-code-quality-report.json": "gitlab"},
}

_FINDINGS = ("sarif", "gitlab")


def known_ci(name: str | None) -> Ci | None:
    """The CI of that name.

    Raises:
        UsageError: there is none.
    """
    if name is None:
        return None
    for ci in _FILES:
        if name == ci:
            return ci
    raise UsageError(f"no CI {name!r}", where="--ci", next_step="github or gitlab")


@contextmanager
def quoted(ci: Ci | None) -> Iterator[None]:
    """On GitHub, what is printed meanwhile is never read as a workflow command, whatever a submission says.

    Progress goes to standard output meanwhile, since the runner keeps no order between two streams. After an error
    commands stay off: the message may hold a stranger's text.
    https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#stopping-and-starting-workflow-commands
    """
    if ci != "github":
        yield
        return
    token = secrets.token_hex(16)
    err.stderr = False
    typer.echo(f"::stop-commands::{token}")
    yield
    typer.echo(f"::{token}::")
    err.stderr = True


def publish(ci: Ci, record: GradeRecord, folder: Path, source: str) -> None:
    """Hand the record over: files into the folder, and on GitHub annotations, the job's summary and outputs.

    A variable that is not set, or a file that can't be written to, is told and costs nothing but that part. Of a run
    that was spoilt through our fault there is no list of findings: what it lacks would be taken for mended.

    Raises:
        EnvironmentFault: the folder can't be written to.
    """
    prefix = _prefix(ci, source)
    for name, kind in _FILES[ci].items():
        if kind in _FINDINGS and ours(record):
            _remove(folder / name)
        else:
            output.replace(folder / name, FORMATS[kind](record, prefix))
    if ci == "github":
        typer.echo(FORMATS["github-annotations"](record, prefix).encode(), nl=False)
        _append("GITHUB_STEP_SUMMARY", FORMATS["github-summary"](record, prefix), "the job has no summary")
        score = "" if record.score.value is None else f"{record.score.value:.1f}"
        gradable = "true" if record.gradable else "false"
        _append("GITHUB_OUTPUT", f"score={score}\ngradable={gradable}\n", "the step has no outputs")


def _remove(path: Path) -> None:
    """Take away that of an earlier run."""
    err.print(f"no {path.name}: nothing was judged, and without findings all would read as mended", markup=False)
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise EnvironmentFault(
            "an old list of findings can't be removed", where=str(path), detail=str(error), next_step="remove it"
        ) from error


def _prefix(ci: Ci, source: str) -> str:
    """The submission's folder from the repository's root, which the paths in annotations start from.

    An archive or a remote repository is no part of the repository that the job has checked out.
    """
    if not Path(source).is_dir():
        return ""
    workspace = os.environ.get(_ROOT[ci], "")
    if not workspace:
        err.print(f"{_ROOT[ci]} is not set: paths are told from the submission's own folder", markup=False)
        return ""
    try:
        folder, top = Path(source).resolve(), Path(workspace).resolve()
        inside = folder.relative_to(_root(folder, top)).as_posix()
    except (OSError, ValueError):
        inside = ".."
    if inside == ".":
        return ""
    if is_inside(inside) and is_plain(inside):
        return inside
    # Without the path itself: a link in what was handed in may lead to a folder of any name.
    why = "has a path that a report can't show as it is" if is_inside(inside) else f"is not in {_ROOT[ci]}"
    err.print(f"the submission {why}: paths are told from its own folder", markup=False)
    return ""


def _root(folder: Path, top: Path) -> Path:
    """The repository's root: the nearest folder above the submission that holds `.git`, or else the workspace.

    They differ where several repositories are checked out side by side.
    """
    if not folder.is_relative_to(top):
        return top
    above = [one for one in (folder, *folder.parents) if one.is_relative_to(top)]
    return next((one for one in above if (one / ".git").exists()), top)


def _append(variable: str, text: str, otherwise: str) -> None:
    path = os.environ.get(variable, "")
    if not path:
        err.print(f"{variable} is not set: {otherwise}", markup=False)
        return
    try:
        with Path(path).open("ab") as file:
            file.write(text.encode())
    except OSError as error:
        err.print(f"{variable} can't be written to ({error.strerror}): {otherwise}", markup=False, soft_wrap=True)
