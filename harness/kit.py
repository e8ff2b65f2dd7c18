"""Kit: what a candidate is given to start with. The starter, the brief, the visible checks, and a workflow for CI."""

from __future__ import annotations

import json
import shutil
from contextlib import suppress
from pathlib import Path

from harness.challenge import Challenge
from harness.errors import UsageError
from harness.paths import data_root
from harness.reporting.text import clean
from harness.reporting.words import TIER
from harness.score import max_points

_MOST_PACKAGE = 300
# A repository without a file, as a team may hand it out, is empty.
_THERE_BEFORE = (".git", ".DS_Store")


def write_kit(challenge: Challenge, folder: Path, package: str) -> None:
    """Write the kit into `folder`; `package` is what pip installs in CI to have `takehome`.

    A file that the starter brings along is left as it is.

    Raises:
        UsageError: the folder is not empty, or a file; its name is none; `package` is no requirement; or nothing can
            be written.
    """
    if not package.isprintable() or not package.isascii() or "${" in package or not 0 < len(package) <= _MOST_PACKAGE:
        raise UsageError(
            "that is nothing that pip could install",
            where="--package",
            next_step="a name with a version, or an address",
        )
    _see_that_it_is_free(folder)
    new = not folder.exists()
    try:
        shutil.copytree(
            challenge.starter,
            folder,
            dirs_exist_ok=True,
            ignore=shutil.ignore_patterns("__pycache__", "*.pyc", ".venv"),
        )
        shutil.copyfile(challenge.brief, folder / "BRIEF.md")
        for name, text in _files(challenge, package).items():
            path = folder / name
            if not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, "utf-8")
    except OSError as error:
        # Half a kit would keep the same command from being given again.
        _remove(challenge, folder, package, new=new)
        raise UsageError(
            "the starter kit can't be written", where=str(folder), detail=_why(error), next_step="name another folder"
        ) from error


def _why(error: OSError) -> str:
    """copytree collects what went wrong, each with both paths: the first says enough."""
    if isinstance(error, shutil.Error) and error.args and isinstance(error.args[0], list) and error.args[0]:
        return str(error.args[0][0][-1])
    return str(error)


def _remove(challenge: Challenge, folder: Path, package: str, *, new: bool) -> None:
    """Take back what was written."""
    if new:
        shutil.rmtree(folder, ignore_errors=True)
        return
    names = {path.name for path in challenge.starter.iterdir()} | {"BRIEF.md"}
    for name in names | {Path(name).parts[0] for name in _files(challenge, package)}:
        shutil.rmtree(folder / name, ignore_errors=True)
        with suppress(OSError):
            (folder / name).unlink()


def _see_that_it_is_free(folder: Path) -> None:
    name = str(folder)
    if clean(name) != name or "\n" in name or "\t" in name:
        raise UsageError(
            "the folder's name has characters that can't be seen", where=ascii(name), next_step="name another one"
        )
    try:
        if folder.exists() and not folder.is_dir():
            raise UsageError("that is a file", where=name, next_step="name a new folder; nothing was written")
        if folder.exists() and any(path.name not in _THERE_BEFORE for path in folder.iterdir()):
            raise UsageError("the folder is not empty", where=name, next_step="name a new one; nothing was written")
    except OSError as error:
        raise UsageError(
            "no folder can be made there", where=name, detail=error.strerror or str(error), next_step="name another one"
        ) from error


def visible_checks(challenge: Challenge, package: str) -> str:
    """A page that tells a candidate which checks `takehome check` runs and how to get it, and nothing of the others."""
    worth = max_points(challenge.spec)
    rows = [
        f"| `{id_}` | {entry.title} | {TIER[entry.tier]} | {entry.skill} | {worth[id_]:.1f} |"
        for id_, entry in challenge.spec.checks.items()
        if entry.visible
    ]
    lines = [
        f"# The visible checks of {challenge.spec.title}",
        "",
        "`takehome check` runs these, and `takehome check --watch` again whenever you save. Points are out of the 100",
        "of the whole grade: the rest is for checks that the hiring team alone runs (`takehome check`, which knows",
        "none of them, weighs these up to 100). All ask for nothing but what BRIEF.md says.",
        "",
        "To have `takehome`, install this with pip, in an environment of its own (Python 3.11 or newer):",
        "",
        f"    {package}",
        "",
        "| check | about | tier | skill | points |",
        "|---|---|---|---|---|",
        *rows,
    ]
    return "\n".join(lines) + "\n"


def _files(challenge: Challenge, package: str) -> dict[str, str]:
    source = data_root() / "challenges" / "_kit"
    # JSON's strings are YAML's, too.
    workflow = (source / "workflow.yml").read_text("utf-8")
    workflow = workflow.replace("@PACKAGE@", json.dumps(package)).replace("@CHALLENGE@", json.dumps(challenge.id))
    return {
        "CHECKS.md": visible_checks(challenge, package),
        ".gitignore": (source / "gitignore").read_text("utf-8"),
        ".github/workflows/takehome.yml": workflow,
    }
