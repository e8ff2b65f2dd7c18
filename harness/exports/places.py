"""Places: where in the repository a finding is shown. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from harness.record import CodeRef, GradeRecord
from harness.reporting.text import clean, one_line

_MOST_PATH = 400
_MODULE = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*", re.ASCII)


@dataclass(frozen=True)
class Place:
    """A line of a file, by its path from the repository's root; `text` is that line, where the record has it."""

    path: str
    line: int
    message: str = ""
    rule: str = ""
    text: str = ""


@dataclass(frozen=True)
class Places:
    """The places of one record, in a repository where the submission is the folder `prefix` ("" for its root)."""

    lines: dict[str, list[str]]
    home: Place
    prefix: str

    def of(self, found: CodeRef) -> Place:
        """The place of a finding in the code, whose path is inside and plain."""
        line = min(max(found.line, 1), 10_000_000)
        source = self.lines.get(found.path, [])
        return Place(
            path=_joined(self.prefix, found.path),
            line=line,
            message=one_line(found.message),
            rule=one_line(found.rule, 80),
            text=source[line - 1].strip() if line <= len(source) else "",
        )


def places_of(record: GradeRecord, prefix: str = "") -> Places:
    """What knows the places of a record."""
    lines = {source.path: source.text.split("\n") for source in record.sources}
    return Places(lines, Place(_joined(prefix, _home(record, lines)), 1), prefix)


def is_inside(path: str) -> bool:
    """Whether a path stays inside the folder that it starts from."""
    return "\\" not in path and not any(part in ("", ".", "..") for part in path.split("/"))


def is_plain(path: str) -> bool:
    """Whether a path reads in a report as it is written: short enough, nothing invisible, no two blanks in a row."""
    return len(path) <= _MOST_PATH and one_line(path, _MOST_PATH) == clean(path) == path


def _home(record: GradeRecord, lines: dict[str, list[str]]) -> str:
    """The file that stands for the submission as a whole, for what is found over HTTP and has no line of its own."""
    module = record.submission.app.partition(":")[0]
    if len(module) <= _MOST_PATH // 2 and _MODULE.fullmatch(module):
        path = module.replace(".", "/")
        # As the import finds it: a package before a module of its name.
        tried = [f"{root}{path}{end}" for root in ("", "src/") for end in ("/__init__.py", ".py")]
        known = [name for name in tried if name in lines]
        return known[0] if known else f"{path}.py"
    return "pyproject.toml"


def _joined(prefix: str, path: str) -> str:
    return f"{prefix}/{path}" if prefix else path
