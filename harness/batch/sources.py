"""Sources: which submissions a batch has, from a folder or a list. Reads names only, runs nothing."""

from __future__ import annotations

import csv
import hashlib
import io
import os
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NoReturn

from harness.cohort import natural
from harness.errors import UsageError
from harness.submission.git_remote import is_url

_ARCHIVE = re.compile(r"\.(?:zip|tar|tgz|tbz2?|txz|tar\.(?:gz|bz2|xz))\Z", re.IGNORECASE)
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_PROJECT = ("pyproject.toml", "requirements.txt", "uv.lock", "Pipfile")
# What lies in the folder of results beside the submissions' own.
_JOURNAL = "journal.jsonl"
_TAKEN = {"cohort.html", "cohort.json", "cohort.csv", _JOURNAL}
# Devices of Windows, with whatever suffix.
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|\Z)", re.IGNORECASE)
_MOST_BYTES, _MOST_ROWS, _MOST_ID = 16 * 1024 * 1024, 100_000, 80
_TOLD = 8
# Hidden folders that nobody takes for a submission.
_NEVER = {".git", ".venv", ".idea", ".vscode"}


@dataclass(frozen=True)
class Source:
    """One submission: `id` is a folder's name that is safe everywhere, `name` what it was called."""

    id: str
    name: str
    source: str
    ref: str | None = None


def read_sources(where: Path, *, out: Path) -> tuple[list[Source], list[str]]:
    """The submissions of a folder or a CSV, by their ids, and what was passed over, each a sentence.

    Raises:
        UsageError: there is neither, it can't be read, or it has no submission.
    """
    if os.path.isdir(where):
        found, passed = _of_folder(where, out)
    elif os.path.isfile(where):
        found, passed = _of_list(where), []
    else:
        raise UsageError("there is no such folder or list", where=str(where), next_step="name a folder or a CSV file")
    if not found:
        raise UsageError(
            "there is no submission in it",
            where=str(where),
            detail="; ".join(passed[:5]),
            next_step="a folder holds a folder or an archive for each; a list has columns id, source and perhaps ref",
        )
    return sorted(found, key=lambda source: natural(source.id)), passed


def _is_folder(path: Path) -> bool:
    # A link onto itself, or a folder that may not be looked into, is a submission that can't be read.
    return os.path.islink(path) or os.path.isdir(path)


def _holds_results(path: Path, out: Path) -> bool:
    """Whether a folder is that of a batch's results, or holds it."""
    real = os.path.realpath(path)
    if is_project(path):
        return False
    return os.path.commonpath([real, os.path.realpath(out)]) == real or os.path.isfile(os.path.join(real, _JOURNAL))


def is_project(folder: Path) -> bool:
    """Whether a folder is a submission by itself."""
    # Not Path.exists: until Python 3.12 it raises where it may not look.
    return any(os.path.exists(folder / name) for name in _PROJECT)


def _of_folder(folder: Path, out: Path) -> tuple[list[Source], list[str]]:
    if is_project(folder):
        raise UsageError(
            "this is one submission, not a folder of them",
            where=str(folder),
            next_step="`takehome grade` grades it; or name the folder above it",
        )
    named, passed = [], []
    try:
        paths = sorted(folder.iterdir())
    except OSError as error:
        raise UsageError("the folder can't be read", where=str(folder), detail=error.strerror or "") from error
    for path in paths:
        meant = _is_folder(path) or _ARCHIVE.search(path.name)
        if meant and _holds_results(path, out):
            if path.name != out.name:
                passed.append(f"{path.name} holds results")
            continue
        if path.name.startswith("."):
            if meant and path.name not in _NEVER:
                passed.append(f"{path.name} is hidden")
        elif meant:
            # An archive with its suffix: a folder of that name may come later, and is another submission.
            named.append((path.name, str(path), None))
        else:
            passed.append(f"{path.name} is neither a folder nor an archive")
    return _identified(named), passed


def _of_list(path: Path) -> list[Source]:
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(
            "the list is not UTF-8",
            where=f"{path}:{data[: error.start].count(10) + 1}",
            next_step="save it as CSV in UTF-8; a submission by itself is for `takehome grade`",
        ) from error
    except OSError as error:
        raise UsageError("the list can't be read", where=str(path), detail=error.strerror or "") from error
    if len(data) > _MOST_BYTES:
        raise UsageError("no list is that large", where=str(path), detail=f"more than {_MOST_BYTES >> 20} MiB")
    rows = csv.reader(io.StringIO(text), strict=True, delimiter=_delimiter(text))
    try:
        columns = [column.strip().lower() for column in next(rows, [])]
        _columns(path, columns)
        read = [_row(path, rows.line_num, columns, row) for row in rows if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise UsageError(
            "the list is no CSV",
            where=f"{path}:{rows.line_num}",
            detail=str(error),
            next_step="save it as CSV, with quotes around cells that hold commas, quotes or line ends",
        ) from error
    named = [row for row in read if not isinstance(row, _Wrong)]
    if len(named) < len(read):
        _refuse(path, [row for row in read if isinstance(row, _Wrong)])
    if len(named) > _MOST_ROWS:
        raise UsageError("no list is that long", where=str(path), detail=f"more than {_MOST_ROWS} rows")
    _once(path, named)
    return _identified([(name, source, ref) for name, source, ref, _ in named])


def _delimiter(text: str) -> str:
    """Spreadsheets separate by what the language of their user leaves free."""
    head = text.partition("\n")[0]
    return max(",;\t", key=head.count)


@dataclass(frozen=True)
class _Wrong:
    """A row that can't be read: its line, with the column where there is one, and why."""

    place: str
    what: str


def _refuse(path: Path, wrong: Sequence[_Wrong]) -> NoReturn:
    """Name all rows that are wrong, so that they are mended in one go."""
    rest = [f"line {row.place}: {row.what}" for row in wrong[1:_TOLD]]
    rest += [f"and {len(wrong) - _TOLD} more"] * (len(wrong) > _TOLD)
    raise UsageError(
        wrong[0].what,
        where=f"{path}:{wrong[0].place}",
        detail="\n".join(rest),
        next_step="mend the rows; nothing was graded",
    )


def _columns(path: Path, columns: Sequence[str]) -> None:
    known = {"id", "source", "ref"}
    wrong = [column or "(empty)" for column in columns if column not in known]
    missing = [name for name in ("id", "source") if name not in columns]
    if wrong or missing or len(set(columns)) < len(columns):
        said = [f"no column {name!r}" for name in missing] + [f"unknown column {name!r}" for name in wrong[:5]]
        raise UsageError(
            "the list's columns are wrong",
            where=f"{path}:1",
            detail=", ".join(said) or "a column is there twice",
            next_step="the first line names the columns: id,source or id,source,ref",
        )


def _row(
    path: Path, line: int, columns: Sequence[str], row: Sequence[str]
) -> tuple[str, str, str | None, int] | _Wrong:
    if len(row) != len(columns):
        return _Wrong(str(line), f"a row of {len(row)} cells under {len(columns)} columns")
    cells = {column: cell.strip() for column, cell in zip(columns, row, strict=True)}
    for name in ("id", "source"):
        if not cells[name]:
            return _Wrong(f"{line}: {name}", f"a row without {name}")
    source = cells["source"]
    beside = os.path.join(path.parent, source)
    # Also where nothing is there: what has this name in the folder that we are in is another one.
    if os.path.exists(beside) or not is_url(source, exists=False):
        source = beside
    return cells["id"], source, cells.get("ref") or None, line


def _once(path: Path, named: Iterable[tuple[str, str, str | None, int]]) -> None:
    seen: dict[str, int] = {}
    for name, _, _, line in named:
        if name in seen:
            raise UsageError(
                f"the id {name!r} is there twice",
                where=f"{path}:{line}: id",
                detail=f"first on line {seen[name]}",
                next_step="give each row an id of its own",
            )
        seen[name] = line


def _identified(named: Iterable[tuple[str, str, str | None]]) -> list[Source]:
    """Ids that are safe as file names on any system, and differ in more than case. They are of the names alone."""
    found: list[Source] = []
    taken = set(_TAKEN)
    for name, source, ref in named:
        letters = unicodedata.normalize("NFKD", name).encode("ascii", "replace").decode().replace("?", "")
        plain = _UNSAFE.sub("-", letters).strip("-.")[:_MOST_ID]
        if plain != name or plain.casefold() in taken or _RESERVED.match(plain):
            plain = _marked(plain, name)
        taken.add(plain.casefold())
        found.append(Source(plain, name, source, ref))
    return found


def _marked(plain: str, name: str) -> str:
    mark = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{plain}-{mark}".lstrip("-")


def remembered(sources: Sequence[Source], names: Mapping[str, str]) -> list[Source]:
    """The sources by the ids that they had before (`names` by id), whoever has come or gone beside them since."""
    ids = {name: id_ for id_, name in names.items() if name}
    taken = {id_.casefold() for id_ in names}
    found = []
    for source in sources:
        before = ids.get(source.name)
        if before is None and source.id.casefold() in taken:
            before = _marked(source.id, source.name)
        found.append(replace(source, id=before or source.id))
    return sorted(found, key=lambda source: natural(source.id))
