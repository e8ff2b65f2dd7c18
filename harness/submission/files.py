"""Reading text and TOML of a submission: bounded in size and time, and every error with file and line."""

from __future__ import annotations

import codecs
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from harness.errors import EnvironmentFault, SubmissionError
from harness.submission.excerpt import excerpt

_TEXT_BYTES = 1024 * 1024
_LOCK_BYTES = 4 * 1024 * 1024
_CPU_S = 10
_WALL_S = 120
_MEMORY_KIB = 2 * 1024 * 1024
_PARSE = """
import json, sys, tomllib
try:
    found = tomllib.loads(sys.stdin.buffer.read().decode())
except (ValueError, RecursionError) as error:
    found = str(error)
print(json.dumps(found, default=str))
"""
# At the end: before it stand the submission's own words.
_PLACE = re.compile(r"\(at line (\d+), column (\d+)\)\Z")


def read_text(root: Path, name: str) -> str | None:
    """The text of a file of the snapshot, or None when there is none.

    Raises:
        SubmissionError: too large (1 MiB, 4 MiB for a lock file), or not text.
    """
    path = root / name
    if not path.is_file():
        return None
    cap = _LOCK_BYTES if name in {"uv.lock", "pylock.toml"} else _TEXT_BYTES
    if path.stat().st_size > cap:
        raise SubmissionError("the file is too large to be read", where=name, next_step=f"keep it under {cap:,} bytes")
    data = path.read_bytes()
    # What Windows PowerShell writes with `pip freeze > requirements.txt`.
    utf16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return data.decode("utf-16" if utf16 else "utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise SubmissionError("the file is not UTF-8 text", where=name, next_step="save it as UTF-8") from error


def read_toml(root: Path, name: str) -> tuple[dict[str, Any], str] | None:
    """The document and its text, or None when there is no such file.

    Raises:
        SubmissionError: not valid TOML; `where` is file:line.
        EnvironmentFault: the machine is too busy to tell.
    """
    text = read_text(root, name)
    if text is None:
        return None
    document, error = _parsed(text, name)
    if document is not None:
        return document, text
    where, detail = name, ascii(error)[1:-1][:200]
    if found := _PLACE.search(error):
        line, column = int(found[1]), int(found[2])
        where = f"{name}:{line}"
        detail += "\n" + excerpt(text.split("\n")[line - 1], line, column)
    raise SubmissionError("not valid TOML", where=where, detail=detail, next_step="correct the syntax")


def _parsed(text: str, name: str) -> tuple[dict[str, Any] | None, str]:
    # tomllib takes quadratic time for a key of many parts, so it runs where it can be stopped: limits on the
    # processor's time and on memory, which a busy machine doesn't change.
    limited = f'ulimit -t {_CPU_S}; ulimit -v {_MEMORY_KIB} 2>/dev/null; exec "$@"'
    command = ["/bin/sh", "-c", limited, "sh", sys.executable, "-I", "-S", "-c", _PARSE]
    try:
        done = subprocess.run(
            command, input=text.encode(), capture_output=True, timeout=_WALL_S, check=False, env={"LC_ALL": "C.UTF-8"}
        )
    except subprocess.TimeoutExpired as error:
        raise EnvironmentFault(
            f"reading {name} took longer than {_WALL_S} s", where=name, next_step="try again on a quieter machine"
        ) from error
    try:
        answer = json.loads(done.stdout)
    except (ValueError, RecursionError):
        return None, "too complicated"
    return answer if isinstance(answer, dict) else None, str(answer)


def line_of(text: str, *needles: str) -> str:
    """`:N` for the first line that is, else that holds, the first needle found at all; or nothing."""
    lines = text.split("\n")
    for needle in filter(None, needles):
        whole = (number for number, line in enumerate(lines, 1) if line.strip() == needle)
        part = (number for number, line in enumerate(lines, 1) if needle in line)
        if number := next(whole, 0) or next(part, 0):
            return f":{number}"
    return ""


def table(value: object) -> dict[str, Any]:
    """The value when it is a table, else an empty one."""
    return value if isinstance(value, dict) else {}


def tables(value: object) -> list[dict[str, Any]]:
    """The tables in an array of tables; whatever else is in it is left out."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
