"""Crash: where in the submission an exception came from, as told by what the service printed. Pure.

A guess from a stranger's log, to point a reader to a line; nothing is scored by it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

# The submission's folder, in a container and in a process.
_FOLDER = r"(?:/srv/app|/[^\"]*/takehome-snapshot-[^/\"]+/source)/"
_ROOT, _ROOTED = re.compile(_FOLDER + "(.+)"), re.compile('File "' + _FOLDER)
_BEGIN = "Traceback (most recent call last):"
_FRAME = re.compile(r'File "([^"]+)", line (\d+)(?:, in (.+))?')
# What groups of exceptions are drawn with.
_RULER = re.compile(r"^\s*[|+]\s?")
_ACCESS = re.compile(r'"[A-Z]+ \S+ HTTP/[\d.]+"')
# Stands above the exception of the answer before.
_UVICORN = "Exception in ASGI application"
_FOLD = "  ..."
_MOST_ERROR, _MOST_LINES = 300, 16


@dataclass(frozen=True)
class Crash:
    """An exception, the last place in the submission that it came through (`line` is 0 if it came through none), and
    the lines of its traceback that are the submission's."""

    error: str
    path: str = ""
    line: int = 0
    function: str = ""
    lines: tuple[str, ...] = ()

    @property
    def place(self) -> str:
        """`path:line`, where it is known."""
        return f"{self.path}:{self.line}" if self.line else ""


def folded(log: Sequence[str]) -> list[str]:
    """The log with `...` for those frames of tracebacks that are not the submission's."""
    kept: list[str] = []
    inside = skipped = False
    for line in log:
        plain = _RULER.sub("", line.rstrip())
        if _BEGIN in plain:
            inside, skipped = True, False
        elif inside and plain.startswith("  "):
            if frame := _FRAME.match(plain.strip()):
                skipped = not _ROOT.fullmatch(frame[1])
            if skipped:
                if not kept[-1].endswith(_FOLD):
                    kept.append(_FOLD)
                continue
        else:
            inside = skipped = False
        kept.append(line)
    return kept


def last_crash(log: Sequence[str], vendored: Collection[str] = ()) -> Crash | None:
    """The last exception that was printed. `vendored` are packages in the submission's folder that aren't its own."""
    plain = [_RULER.sub("", line.rstrip()) for line in log]
    begins = [number for number, line in enumerate(plain) if _BEGIN in line]
    return _crash(plain[begins[-1] + 1 :], vendored) if begins else None


def crash_during(log: Sequence[str], request: str, vendored: Collection[str] = ()) -> Crash | None:
    """The exception behind the last answer to `request` ("GET /v1/users/1"), by the server's line for it.

    uvicorn prints it after that line, most loggers of applications before.
    """
    found = [number for number, line in enumerate(log) if f'"{request} HTTP/' in line]
    if not found:
        return None
    others = [number for number, line in enumerate(log) if _ACCESS.search(line)]
    after = next((number for number in others if number > found[-1]), len(log))
    if crash := last_crash(log[found[-1] + 1 : after], vendored):
        return crash
    before = log[max((number for number in others if number < found[-1]), default=-1) + 1 : found[-1]]
    return None if any(_UVICORN in line for line in before) else last_crash(before, vendored)


def _crash(lines: Sequence[str], vendored: Collection[str]) -> Crash | None:
    """From the lines after `Traceback`; its exception is the first that isn't indented."""
    end = next((number for number, line in enumerate(lines) if line and not line[0].isspace()), None)
    if end is None:
        return None
    kept: list[str] = []
    last, ours = ("", 0, ""), False
    for line in lines[:end]:
        if frame := _FRAME.match(line.strip()):
            inside = _ROOT.fullmatch(frame[1])
            ours = inside is not None and inside[1].partition("/")[0] not in vendored
            if inside is not None and ours:
                last = (inside[1], int(frame[2]), frame[3] or "")
        if ours:
            kept.append(_ROOTED.sub('File "', line))
    return Crash(lines[end][:_MOST_ERROR], *last, lines=(*kept[-_MOST_LINES:], lines[end][:_MOST_ERROR]))
