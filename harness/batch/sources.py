"""Sources: which submissions a batch has, from a folder or a list. Reads names only, runs nothing."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.cohort import natural
from harness.errors import UsageError

_ARCHIVE = re.compile(r"\.(?:zip|tar|tgz|tbz2?|txz|tar\.(?:gz|bz2|xz))\Z", re.IGNORECASE)
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_PROJECT = ("pyproject.toml", "requirements.txt", "uv.lock", "Pipfile")
# What lies in the folder of results beside the submissions' own.
_TAKEN = {"cohort.html", "cohort.json", "cohort.csv", "journal.jsonl"}
_MOST_BYTES, _MOST_ROWS, _MOST_ID = 16 * 1024 * 1024, 100_000, 80


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
    if where.is_dir():
        found, passed = _of_folder(where, out)
    elif where.is_file():
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


def _of_folder(folder: Path, out: Path) -> tuple[list[Source], list[str]]:
    if any((folder / name).exists() for name in _PROJECT):
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
        if path.name.startswith(".") or path.resolve() == out.resolve():
            continue
        if path.is_dir():
            named.append((path.name, str(path), None))
        elif _ARCHIVE.search(path.name):
            # With its suffix: a folder of that name may come later, and is another submission.
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
        raise UsageError("the list is not UTF-8", where=str(path), detail=str(error)) from error
    except OSError as error:
        raise UsageError("the list can't be read", where=str(path), detail=error.strerror or "") from error
    if len(data) > _MOST_BYTES:
        raise UsageError("no list is that large", where=str(path), detail=f"more than {_MOST_BYTES >> 20} MiB")
    rows = csv.reader(io.StringIO(text), strict=True)
    try:
        columns = [column.strip().lower() for column in next(rows, [])]
        _columns(path, columns)
        named = [_row(path, rows.line_num, columns, row) for row in rows if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise UsageError("the list is no CSV", where=f"{path}:{rows.line_num}", detail=str(error)) from error
    if len(named) > _MOST_ROWS:
        raise UsageError("no list is that long", where=str(path), detail=f"more than {_MOST_ROWS} rows")
    _once(path, named)
    return _identified([(name, source, ref) for name, source, ref, _ in named])


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


def _row(path: Path, line: int, columns: Sequence[str], row: Sequence[str]) -> tuple[str, str, str | None, int]:
    if len(row) != len(columns):
        raise UsageError(
            f"a row of {len(row)} cells under {len(columns)} columns", where=f"{path}:{line}", next_step="mend the row"
        )
    cells = {column: cell.strip() for column, cell in zip(columns, row, strict=True)}
    for name in ("id", "source"):
        if not cells[name]:
            raise UsageError(f"a row without {name}", where=f"{path}:{line}: {name}", next_step="fill it in")
    source = cells["source"]
    beside = path.parent / source
    if "://" not in source and not Path(source).is_absolute() and beside.exists():
        source = str(beside)
    return cells["id"], source, cells.get("ref") or None, line


def _once(path: Path, named: Iterable[tuple[str, str, str | None, int]]) -> None:
    seen: dict[str, int] = {}
    for name, _, _, line in named:
        if name in seen:
            raise UsageError(
                f"the id {name!r} is there twice", where=f"{path}:{line}: id", detail=f"first on line {seen[name]}"
            )
        seen[name] = line


def _identified(named: Iterable[tuple[str, str, str | None]]) -> list[Source]:
    """Ids that are safe as file names on any system, and differ in more than case."""
    found: list[Source] = []
    taken = set(_TAKEN)
    for name, source, ref in named:
        plain = _UNSAFE.sub("-", name).strip("-.")[:_MOST_ID]
        if plain != name or not plain or plain.casefold() in taken:
            mark = hashlib.sha256(f"{name}\0{source}".encode("utf-8", "surrogatepass")).hexdigest()[:8]
            plain = f"{plain}-{mark}".lstrip("-")
        taken.add(plain.casefold())
        found.append(Source(plain, name, source, ref))
    return found
