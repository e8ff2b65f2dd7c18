"""Sources: the submission's files with what was said of each line. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from harness.record import CodeRef, GradeRecord, SourceFile

# In characters, of all files together; those that something was said of come first.
_MOST_TEXT = 100_000
_MOST_LINE = 400
_TYPES, _COVERAGE = "tuax", "cm"


@dataclass(frozen=True)
class Remark:
    """What was said of a line. `kind`: `finding` of a tool, `signal` of a reader, `check` that was lost here."""

    kind: str
    text: str
    rule: str = ""
    url: str = ""
    good: bool = False


@dataclass(frozen=True)
class Line:
    """`types` and `coverage` are letters, or empty; `anchor` is empty where nobody points."""

    number: int
    text: str
    types: str
    coverage: str
    anchor: str
    remarks: tuple[Remark, ...]


@dataclass(frozen=True)
class File:
    """`tally` counts the lines by letter of `types`."""

    path: str
    anchor: str
    lines: tuple[Line, ...]
    tally: dict[str, int]
    covered: int
    coverable: int
    remarks: int


@dataclass(frozen=True)
class Sources:
    """The files that are drawn, the paths of those left out, and where a place in the code stands on the page."""

    files: tuple[File, ...] = ()
    left_out: tuple[str, ...] = ()
    anchors: dict[tuple[str, int], str] = field(default_factory=dict)

    def anchor(self, place: CodeRef) -> str:
        """The id of a place's line on this page; empty when it isn't drawn."""
        return self.anchors.get((place.path, place.line), "")


def sources(record: GradeRecord) -> Sources:
    """The files as far as there is room, in the order of their paths."""
    said = _remarks(record)
    wanted = sorted(record.sources, key=lambda f: (not any(path == f.path for path, _ in said), f.path))
    room, drawn = _MOST_TEXT, []
    for source in wanted:
        if source.text.strip() and len(source.text) <= room:
            room -= len(source.text)
            drawn.append(source)
    drawn.sort(key=lambda f: f.path)
    files = tuple(_file(number, source, said) for number, source in enumerate(drawn, 1))
    anchors = {(file.path, line.number): line.anchor for file in files for line in file.lines if line.anchor}
    shown = {file.path for file in files}
    left = tuple(sorted(f.path for f in record.sources if f.text.strip() and f.path not in shown))
    return Sources(files, left, anchors)


def _file(number: int, source: SourceFile, said: dict[tuple[str, int], list[Remark]]) -> File:
    lines = tuple(
        Line(
            at,
            text[:_MOST_LINE] + ("…" if len(text) > _MOST_LINE else ""),
            _letter(source.types, at, _TYPES),
            _letter(source.coverage, at, _COVERAGE),
            f"s{number}-{at}" if (source.path, at) in said else "",
            tuple(said.get((source.path, at), ())),
        )
        for at, text in enumerate(source.text.splitlines(), 1)
    )
    tally = {letter: sum(line.types == letter for line in lines) for letter in _TYPES}
    return File(
        source.path,
        f"s{number}",
        lines,
        {letter: amount for letter, amount in tally.items() if amount},
        sum(line.coverage == "c" for line in lines),
        sum(bool(line.coverage) for line in lines),
        sum(len(line.remarks) for line in lines),
    )


def _letter(letters: str, line: int, known: str) -> str:
    letter = letters[line - 1 : line]
    return letter if letter in known else ""


def _remarks(record: GradeRecord) -> dict[tuple[str, int], list[Remark]]:
    """What was said of each line: by the tools, by the signals, and by the checks that were lost there."""
    said: dict[tuple[str, int], list[Remark]] = {}

    def add(place: CodeRef, remark: Remark) -> None:
        there = said.setdefault((place.path, place.line), [])
        if all(remark.text != other.text for other in there) and len(there) < 8:
            there.append(remark)

    for source in record.sources:
        for place in source.findings:
            add(place.model_copy(update={"path": source.path}), Remark("finding", place.message, place.rule, place.url))
    for signal in record.signals:
        for place in signal.places:
            add(place, Remark("signal", place.message or signal.title, good=signal.good))
    for check in record.checks:
        if check.outcome in ("fail", "partial"):
            for place in check.evidence.code:
                add(place, Remark("check", place.message or check.title, place.rule, place.url))
    return said
