"""Stored: records read back from where they were kept. Whatever lies there, the user is told what is wrong with it."""

from __future__ import annotations

import json
import os
import re
from contextlib import suppress
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from harness.errors import UsageError
from harness.migrations import migrated
from harness.record import SCHEMA_VERSION, GradeRecord

RESULT = "result.json"
# Beside it, or instead of it: why a submission of a batch could not be taken in.
REFUSED = "refused.json"
# What a grade writes; all else beside it is somebody's.
WRITTEN = (RESULT, "report.html", "junit.xml", "takehome.sarif", "gl-code-quality-report.json", REFUSED)
# Beside it, each in a folder that is a number: the grades that it took the place of.
EARLIER = "earlier"
# What may be printed of what a stranger wrote: a service may read commands from what is printed.
_NAME = re.compile(r"\w{1,60}", re.ASCII)
_VERSION = re.compile(r"[\d.]+|None", re.ASCII)
_MOST_EARLIER = 20
_MOST_BYTES = 64 * 1024 * 1024


def is_written(name: str) -> bool:
    """Whether a file of that name is a result, or half of one that is being written."""
    return name in WRITTEN or any(name.startswith(f".{whole}.") for whole in WRITTEN)


def read_record(where: Path) -> GradeRecord:
    """The record in a file, or in a folder that `takehome grade --out` wrote.

    Raises:
        UsageError: there is none, it is larger than 64 MiB, cut off, of another version, or no record.
    """
    path = where / RESULT if os.path.isdir(where) else where
    document = migrated(_document(path))
    version = str(document.get("schema_version"))[:20]
    if version != SCHEMA_VERSION:
        newer = _order(version) > _order(SCHEMA_VERSION)
        shown = version if _VERSION.fullmatch(version) else "?"
        raise UsageError(
            f"a record of version {shown}, and this takehome reads {SCHEMA_VERSION}",
            where=str(path),
            next_step="install the takehome that wrote it, or a newer one" if newer else "grade the submission again",
        )
    try:
        return GradeRecord.model_validate(document)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        key = ".".join(str(part) if _NAME.fullmatch(str(part)) else "?" for part in first["loc"])[:200]
        raise UsageError("this is no record of a grade", where=f"{path}: {key}", detail=first["msg"][:300]) from error


def read_earlier(folder: Path) -> list[GradeRecord]:
    """The latest grades that the one in a folder took the place of, as far as they can be read."""
    try:
        numbers = sorted(int(path.name) for path in (folder / EARLIER).iterdir() if path.name.isdecimal())
    except OSError:
        return []
    found = []
    for number in numbers[-_MOST_EARLIER:]:
        with suppress(UsageError):
            found.append(read_record(folder / EARLIER / str(number)))
    return found


def _document(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise UsageError(
            "there is no record to be read",
            where=str(path),
            detail=error.strerror or str(error),
            next_step=f"name a {RESULT}, or the folder that `takehome grade --out` wrote",
        ) from error
    if len(data) > _MOST_BYTES:
        raise UsageError("no record is that large", where=str(path), detail=f"more than {_MOST_BYTES >> 20} MiB")
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        if not data.lstrip().startswith(b"{"):
            page = data.lstrip().startswith(b"<")
            raise UsageError(
                "this is no record of a grade",
                where=str(path),
                detail="it is a page (HTML)" if page else "it is cut off, or no JSON",
                next_step=f"name the {RESULT} beside it" if page else f"name a {RESULT}, or the folder that it is in",
            ) from error
        raise UsageError(
            "the record is cut off, or no JSON",
            where=str(path),
            detail=str(error)[:200],
            next_step="a record is written whole or not at all: copy it again from where it was made",
        ) from error
    if not isinstance(document, dict):
        raise UsageError(
            "this is no record of a grade",
            where=str(path),
            detail="it is no JSON object",
            next_step=f"name a {RESULT}, or the folder that it is in",
        )
    return document


def _order(version: str) -> tuple[int, ...]:
    parts = version.split(".")
    return tuple(int(part) for part in parts) if all(part.isdecimal() for part in parts) else ()
