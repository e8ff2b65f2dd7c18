"""Explain: what was noticed in the code, beside what the checks have shown. Pure; no signal changes a point."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from harness.evidence import CheckMeta
from harness.record import CheckResult, CodeRef, Signal, SourceFile

_MOST_SIGNALS = 40
_PLACES = 3
_MOST_FILES = 1000
_MOST_TEXT = 400_000
_Model = TypeVar("_Model", bound=BaseModel)


def signals_of(static: Mapping[str, Any] | None) -> list[Signal]:
    """The signals of an analysis document. What is no signal is left out: the document was made beside strange code."""
    return _valid(static, "signals", Signal, _MOST_SIGNALS)


def sources_of(static: Mapping[str, Any] | None) -> list[SourceFile]:
    """The files of an analysis document, as far as there is room for their text; see `signals_of`."""
    found, room = [], _MOST_TEXT
    for file in _valid(static, "sources", SourceFile, _MOST_FILES):
        if len(file.text) <= room:
            room -= len(file.text)
            found.append(file)
    return found


def _valid(static: Mapping[str, Any] | None, name: str, model: type[_Model], most: int) -> list[_Model]:
    items, found = (static or {}).get(name), []
    for item in items[:most] if isinstance(items, list) else []:
        with suppress(ValidationError):
            found.append(model.model_validate(item))
    return found


def explained(
    results: Sequence[CheckResult], signals: Sequence[Signal], metas: Mapping[str, CheckMeta]
) -> list[CheckResult]:
    """The results, where a lost check points to the lines that may be why, as its author says.

    A check that has places of its own needs no guess.
    """
    found = {signal.id: signal.places[:_PLACES] for signal in signals if not signal.good}
    return [
        _with_places(result, [place for name in metas[result.id].explained_by for place in found.get(name, ())])
        if result.id in metas
        else result
        for result in results
    ]


def _with_places(result: CheckResult, places: Sequence[CodeRef]) -> CheckResult:
    if not places or result.outcome not in ("fail", "partial") or result.evidence.code:
        return result
    return result.model_copy(update={"evidence": result.evidence.model_copy(update={"code": list(places)})})
