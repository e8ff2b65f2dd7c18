"""Packs: where challenges come from. The bundled ones, those of a folder, and those of installed packages."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable, Iterator
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from harness.challenge import COMMON_GRADERS, Challenge, load_challenge
from harness.declared import declared
from harness.errors import UsageError
from harness.paths import data_root

ENTRY_POINTS = "takehome.challenges"
_PARTS = ("BRIEF.md", "reference", "starter")


def challenge_folders(extra: Path | None = None) -> dict[str, Path]:
    """Every challenge folder to be had, by id: the bundled ones, those under `extra`, and those of installed packs.

    Raises:
        UsageError: two have the same id, `extra` is no folder, or an installed pack can't be found.
    """
    if extra is not None and not os.path.isdir(extra):
        raise UsageError("no such folder", where=f"--challenges {extra}")
    found: dict[str, Path] = {}
    for root in (data_root() / "challenges", extra, *_installed()):
        for folder in _below(root) if root is not None else ():
            other = found.setdefault(folder.name, folder)
            if other.resolve() != folder.resolve():
                raise UsageError(
                    f"two challenges are called {folder.name!r}",
                    where=f"{other} and {folder}",
                    next_step="rename one of them",
                )
    return found


def find_challenge(
    name: str, extra: Path | None = None, *, whole: bool = False, where: str = "--challenge"
) -> Challenge:
    """The challenge called `name`, or the one in the folder `name`. With `whole`, it needs a brief and so on as well.

    `where` is what the command line calls it.

    Raises:
        UsageError: there is none; the nearest name is told. Or something is wrong with it: file, key and nearest name.
    """
    if ("/" in name or name.startswith(".")) and os.path.isdir(name):
        return _sound(load_challenge(Path(name)), whole)
    folders = challenge_folders(extra)
    if name in folders:
        return _sound(load_challenge(folders[name]), whole)
    raise UsageError(
        f"no challenge {name!r}",
        where=where,
        detail=f"known: {', '.join(folders) or 'none'}",
        next_step=nearest(name, folders, "`takehome challenge list` shows them"),
    )


def _below(root: Path) -> Iterator[Path]:
    """The challenges of one pack: the folder itself, or those in it. A name with an underscore before it is none."""
    if os.path.isfile(root / "challenge.toml"):
        yield root
    elif os.path.isdir(root):
        for path in sorted(root.iterdir()):
            if not path.name.startswith("_") and os.path.isfile(path / "challenge.toml"):
                yield path


def _installed() -> Iterator[Path]:
    """The folders of installed packs: each entry point names a package that holds challenges as data."""
    for point in sorted(entry_points(group=ENTRY_POINTS), key=lambda point: point.name):
        yield _folder(point)


def _folder(point: EntryPoint) -> Path:
    where = f"entry point {point.name} = {point.value}" + (f" of {point.dist.name}" if point.dist else "")
    try:
        value = point.load()
    except Exception as error:  # other people's code: whatever it raises is told
        raise UsageError(
            "a pack of challenges can't be loaded", where=where, detail=str(error), next_step="mend it or uninstall it"
        ) from error
    paths = [Path(path) for path in getattr(value, "__path__", [])] or ([value] if isinstance(value, Path) else [])
    for path in paths:
        if path.is_dir():
            return path
    raise UsageError(
        "a pack of challenges has no folder",
        where=where,
        next_step="name a package or a pathlib.Path that holds them",
    )


def _sound(challenge: Challenge, whole: bool) -> Challenge:
    """Find what would only show, and less clearly, when it is run.

    Raises:
        UsageError: a part is missing, or a name in it stands for nothing.
    """
    file = challenge.folder / "challenge.toml"
    for part in _PARTS if whole else ():
        if not (challenge.folder / part).exists():
            raise UsageError(f"a challenge has a {part}", where=str(challenge.folder), next_step=f"make {part}")
    for name in challenge.spec.vendored:
        challenge.vendored_layers(name)
    names = {found.id for folder in challenge.grader_folders() for found in declared(folder)}
    for id_ in challenge.spec.checks:
        if id_ not in names:
            raise UsageError(
                f"no test is the check {id_!r}",
                where=f"{file}: checks.{id_}",
                next_step=nearest(id_, names - set(challenge.spec.checks), "write it or correct the name"),
            )
    _quoted(challenge, file)
    if whole:
        _check_mutants(challenge)
    return challenge


def _check_mutants(challenge: Challenge) -> None:
    """See that each mutant is named after a check, applies to the reference and changes it."""
    if (challenge.folder / "broken").is_dir():
        raise UsageError(
            "broken variants are patches now, no folders",
            where=str(challenge.folder / "broken"),
            next_step="write each as mutants/CHECK.patch: a sentence that says what it breaks, then `git diff`",
        )
    for mutant in challenge.mutants().values():
        if mutant.check not in challenge.spec.checks:
            raise UsageError(
                f"a mutant is named after the check that has to fail, and {mutant.check!r} is none",
                where=str(mutant.path),
                next_step=nearest(mutant.check, challenge.spec.checks, "rename it"),
            )
        mutant.files(challenge.reference)


def _quoted(challenge: Challenge, file: Path) -> None:
    """See that the brief says what the checks quote of it."""
    if not any(entry.brief for entry in challenge.spec.checks.values()):
        return
    try:
        said = _plain(challenge.brief.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError("the brief can't be read", where=str(challenge.brief), detail=str(error)) from error
    for id_, entry in challenge.spec.checks.items():
        if entry.brief and _plain(entry.brief) not in said:
            raise UsageError(
                "the brief doesn't say what a check quotes of it",
                where=f"{file}: checks.{id_}.brief",
                detail=entry.brief,
                next_step="quote BRIEF.md word for word; white space and * don't count",
            )


def _plain(text: str) -> str:
    return " ".join(text.replace("*", "").split())


def nearest(name: str, names: Iterable[str], otherwise: str = "") -> str:
    """What to do next of whoever misspelt a name: the nearest one, or else something other."""
    near = difflib.get_close_matches(name, list(names), n=1)
    return f"did you mean {near[0]!r}?" if near else otherwise


def unlisted(challenge: Challenge) -> list[str]:
    """The checks of the challenge's own suites that `challenge.toml` doesn't list, and that are so never run."""
    pairs = zip(challenge.grader_folders(), challenge.spec.graders, strict=True)
    own = [folder for folder, name in pairs if name != COMMON_GRADERS]
    return sorted({found.id for folder in own for found in declared(folder)} - set(challenge.spec.checks))
