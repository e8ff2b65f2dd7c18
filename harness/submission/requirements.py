"""Requirements one by one, and requirements.txt line by line. Names and versions only, nothing that fetches."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from harness.errors import SubmissionError
from harness.parsing import PARSING
from harness.submission.files import read_text
from harness.submission.intake import shown

MOST = 500
_DEPTH = 5
_CHARACTERS = 4_096
_COMMENT = re.compile(r"(?:^|\s)#.*")
_OPTION = re.compile(r"(--?[A-Za-z][\w-]*)")
_INCLUDE = re.compile(r"(?:-r|--requirement)(?:\s*=\s*|\s+|(?=[^-\s]))(\S+)\Z")
_HASH = re.compile(r"--hash=\w+:[0-9A-Fa-f]+\Z")
# They ask for what is done anyway: wheels alone, and hashes are dropped since the resolver is ours.
_HARMLESS = re.compile(r"--(?:require-hashes|prefer-binary|only-binary(?:\s*=\s*|\s+)\S+)\Z")
_NOT_A_NAME = re.compile(r"[./~\\]|[A-Za-z][A-Za-z+]*:|\S*[/\\]|\S+\.(?:whl|zip|tar\.\w+|tgz)(?=[\s;]|\Z)")
_NEXT = "list released packages by name, such as fastapi==0.115.0"


def requirement(text: str, where: Callable[[], str]) -> Requirement:
    """One requirement by name, normalised, markers kept; `where` is asked only for an error.

    Raises:
        SubmissionError: a URL, a path, control characters, or no requirement at all.
    """

    def refused(what: str) -> SubmissionError:
        return SubmissionError(what, where=where(), detail=shown(text), next_step=_NEXT)

    text = text.strip()
    if len(text) > _CHARACTERS:
        raise refused(f"a requirement is longer than {_CHARACTERS:,} characters")
    # A line break inside a marker would be an option of its own in the file that is given to the installer.
    if not text.isprintable():
        raise refused("a requirement contains control characters")
    if _NOT_A_NAME.match(text):
        raise refused("a requirement is a path or a URL")
    try:
        with PARSING:
            parsed = Requirement(text)
    except (InvalidRequirement, RecursionError) as error:
        raise refused("not a requirement") from error
    if parsed.url is not None:
        raise refused("a requirement is fetched from a URL")
    parsed.name = canonicalize_name(parsed.name)
    parsed.extras = {canonicalize_name(extra) for extra in parsed.extras}
    return parsed


def is_pinned(parsed: Requirement) -> bool:
    """Whether exactly one version satisfies it."""
    return any(s.operator == "===" or (s.operator == "==" and "*" not in s.version) for s in parsed.specifier)


def requirements_file(root: Path, name: str) -> list[Requirement] | None:
    """What a requirements file and those it includes ask for, up to MOST + 1; None when there is no such file.

    Hashes are accepted and dropped.

    Raises:
        SubmissionError: an option or a requirement that fetches from elsewhere; `where` is file:line.
    """
    text = read_text(root, name)
    return None if text is None else list(islice(_read(root, name, text, 1, {name}), MOST + 1))


def _read(root: Path, name: str, text: str, depth: int, seen: set[str]) -> Iterator[Requirement]:
    for number, line in _lines(text):
        where = f"{name}:{number}"
        if not line.startswith("-"):
            yield requirement(_without_hashes(line), partial(str, where))
        elif include := _INCLUDE.match(line):
            target, content = _included(root, name, include.group(1), where)
            if depth > _DEPTH:
                raise SubmissionError(
                    f"files include each other deeper than {_DEPTH}", where=where, next_step="put them into one file"
                )
            # Each file once: a ring would not end, and a diamond of diamonds hardly.
            if target not in seen:
                seen.add(target)
                yield from _read(root, target, content, depth + 1, seen)
        elif not _HARMLESS.match(line):
            found = _OPTION.match(line)
            raise SubmissionError(
                f"the option {found.group(1) if found else shown(line)} is not taken",
                where=where,
                detail=shown(line),
                next_step="remove it: packages come by name from the package index of whoever grades",
            )


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Logical lines with the number of their first physical one; comments and continuations resolved."""
    start, parts = 0, list[str]()
    for number, line in enumerate([*text.split("\n"), ""], 1):
        start = start if parts else number
        if line.endswith("\\") and not line.lstrip().startswith("#"):
            parts.append(line[:-1])
            continue
        whole = _COMMENT.sub("", "".join([*parts, line])).strip()
        parts = []
        if whole:
            yield start, whole


def _without_hashes(line: str) -> str:
    if "--hash" not in line:
        return line
    words = line.split()
    while words and _HASH.match(words[-1]):
        words.pop()
    return " ".join(words)


def _included(root: Path, name: str, target: str, where: str) -> tuple[str, str]:
    inside = posixpath.normpath(posixpath.join(posixpath.dirname(name), target))
    if "://" in target or "\\" in target or inside.startswith(("/", "../")) or inside == "..":
        raise SubmissionError(
            "an included file lies outside the submission",
            where=where,
            detail=shown(target),
            next_step="put the file into the submission",
        )
    content = read_text(root, inside) if target.isprintable() and len(inside) < 1_000 else None
    if content is None:
        raise SubmissionError(
            "an included file does not exist", where=where, detail=shown(target), next_step="add it, or remove the line"
        )
    return inside, content
