"""Listing: the code line by line, with what the types of each line say, for a report to draw."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from harness.analysis.annotations import Annotations
from harness.analysis.mypy_run import Strict
from harness.analysis.references import CodeRef
from harness.analysis.sources import Source, Sources

# More than the whole of an honest submission; a report is one file that has to stay light.
_MOST_CHARACTERS = 200_000
_LINE = 400
_FINDINGS = 100
NOTHING, TYPED, ANY, UNTYPED, UNCHECKED = ".taux"


def listings(sources: Sources, annotations: Annotations, strict: Strict, lint: list[CodeRef]) -> list[dict[str, Any]]:
    """One for each file, as far as there is room: `text`, `types` with a letter for each line, and `findings`.

    t is a line whose annotations say something, a one with Any in them, u one where some are missing, x one that mypy
    was kept from, and a dot one that there is nothing to say of. Findings are those of mypy and of ruff.
    """
    found, room = [], _MOST_CHARACTERS
    findings: dict[str, list[CodeRef]] = {}
    for place in (*strict.findings, *lint):
        findings.setdefault(str(place["path"]), []).append(place)
    for source in sources.files:
        text = "\n".join(line[:_LINE] for line in source.text.removesuffix("\n").split("\n"))
        if len(text) > room:
            continue
        room -= len(text)
        unchecked = source.code_lines if source.path in strict.dropped else strict.unreached[source.path]
        found.append(
            {
                "path": source.path,
                "text": text,
                "types": "".join(_letters(source, annotations.per_line.get(source.path, {}), unchecked)),
                "findings": sorted(findings.get(source.path, []), key=lambda place: int(place["line"]))[:_FINDINGS],
            }
        )
    return found


def _letters(source: Source, per_line: Mapping[int, str], unreached: frozenset[int] | set[int]) -> Iterator[str]:
    for number in range(1, source.text.removesuffix("\n").count("\n") + 2):
        if number in source.unchecked or number in unreached:
            yield UNCHECKED
        else:
            yield per_line.get(number, NOTHING)
