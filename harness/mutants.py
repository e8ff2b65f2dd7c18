"""Mutants: small patches on a challenge's reference, each of which breaks one thing that a check has to notice.

A mutant is a file `mutants/NAME.patch` of the challenge: a few sentences that say what is broken, then a diff against
`reference/` as `git diff` prints it. NAME is the check that must fail, or that check, a dot and a word of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import whatthepatch
from whatthepatch.exceptions import WhatThePatchException

from harness.errors import UsageError

SUFFIX = ".patch"
_FIRST = re.compile(r"^(?:diff |--- )", re.MULTILINE)


@dataclass(frozen=True)
class Mutant:
    """One patch. `check` is the check that has to fail; `what` says in a sentence or two what is broken."""

    name: str
    check: str
    what: str
    path: Path
    text: str

    def files(self, tree: Path) -> dict[str, str | None]:
        """What the patch makes of the files of `tree`, by path; None for a file that it removes.

        Raises:
            UsageError: it doesn't apply there, or changes nothing.
        """
        changed: dict[str, str | None] = {}
        for diff in self._diffs():
            name, result = self._patched(tree, diff)
            changed[name] = result
        if not changed:
            raise self._error("the patch changes nothing", "write a diff against reference/, as `git diff` prints it")
        return changed

    def apply(self, tree: Path) -> None:
        """Change the files of `tree`.

        Raises:
            UsageError: the patch doesn't apply there, or changes nothing; `tree` is as it was.
        """
        for name, text in self.files(tree).items():
            path = tree / name
            if text is None:
                path.unlink()
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, "utf-8")

    def _diffs(self) -> Iterator[Any]:
        try:
            for diff in whatthepatch.parse_patch(self.text):
                if diff.header is not None and diff.changes:
                    yield diff
        except WhatThePatchException as error:
            raise self._error(f"the patch can't be read: {error}") from error

    def _patched(self, tree: Path, diff: Any) -> tuple[str, str | None]:  # noqa: ANN401 - whatthepatch is untyped
        added = all(change.old is None for change in diff.changes)
        removed = all(change.new is None for change in diff.changes)
        name = _below_root(diff.header.old_path if removed else diff.header.new_path)
        parts = PurePosixPath(name).parts
        if not parts or PurePosixPath(name).is_absolute() or ".." in parts:
            raise self._error(f"{name!r} is no path below reference/")
        try:
            before = "" if added else (tree / name).read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise self._error(f"the patch changes {name}, which can't be read: {error}") from error
        if added and (tree / name).exists() and (tree / name).stat().st_size:
            raise self._error(f"the patch adds {name}, which is there already")
        try:
            lines = whatthepatch.apply_diff(diff, before)
        except WhatThePatchException as error:
            raise self._error(f"the patch doesn't apply to {name}: {error}") from error
        after = "".join(f"{line}\n" for line in lines)
        if after == before:
            raise self._error(f"the patch changes nothing in {name}")
        return name, None if removed else after

    def _error(
        self, what: str, next_step: str = "make the patch again with `git diff` from the files of reference/"
    ) -> UsageError:
        return UsageError(what, where=str(self.path), next_step=next_step)


def _below_root(path: str) -> str:
    """The path without the `a/` or `b/` that git puts before it."""
    return path[2:] if path.startswith(("a/", "b/")) else path


def read_mutants(folder: Path) -> dict[str, Mutant]:
    """The mutants of a challenge's `mutants/` by name; none where there is no such folder.

    Raises:
        UsageError: a patch can't be read as text, or doesn't say what it breaks.
    """
    return {path.stem: _read(path) for path in sorted(folder.glob(f"*{SUFFIX}"))}


def _read(path: Path) -> Mutant:
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError("a mutant can't be read", where=str(path), detail=str(error)) from error
    what = " ".join(_FIRST.split(text, maxsplit=1)[0].split())
    if not what:
        raise UsageError(
            "a mutant doesn't say what it breaks",
            where=f"{path}: line 1",
            next_step="begin the file with a sentence that says it, above the first line of the diff",
        )
    return Mutant(path.stem, path.stem.partition(".")[0], what, path, text)
