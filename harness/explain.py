"""Explain: what was noticed in the code, beside what the checks have shown. Pure; no signal changes a point."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from harness.crash import crash_during
from harness.evidence import CheckMeta
from harness.handlers import Handler, handler_of
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


def handlers_of(static: Mapping[str, Any] | None) -> list[Handler]:
    """The path functions of an analysis document; see `signals_of`."""
    return _valid(static, "handlers", Handler, _MOST_FILES)


def explained(
    results: Sequence[CheckResult],
    signals: Sequence[Signal],
    metas: Mapping[str, CheckMeta],
    handlers: Sequence[Handler] = (),
    vendored: Collection[str] = (),
) -> list[CheckResult]:
    """The results, where a lost check points to the lines that may be why.

    These are where an exception behind its answer came from, or what its author says (`explained_by`), or else the
    function that answers the request which shows it. A check that has places of its own needs no guess.
    """
    found = {signal.id: signal.places[:_PLACES] for signal in signals if not signal.good}

    def places(result: CheckResult) -> list[CodeRef]:
        meta = metas.get(result.id)
        said = [place for name in meta.explained_by for place in found.get(name, ())] if meta else []
        request, failed = _shown(result)
        raised = _raised(result, request, vendored) if failed else []
        return [*raised, *said] or _answering(request, handlers)

    return [_with_places(result, places(result)) if _wants_places(result) else result for result in results]


def _shown(result: CheckResult) -> tuple[str, bool]:
    """The request that shows what was lost ("GET /x"), and whether its answer was a 5xx."""
    shown = next((exchange for exchange in result.evidence.transcript if exchange.shows), None)
    if shown is None:
        return "", False
    status = shown.response.partition("\n")[0].split(" ")[1:2]
    return " ".join(shown.request.partition("\n")[0].split(" ")[:2]), bool(status and status[0].startswith("5"))


def _raised(result: CheckResult, request: str, vendored: Collection[str]) -> list[CodeRef]:
    crash = crash_during(result.evidence.log, request, vendored)
    if crash is None or not crash.line:
        return []
    return [CodeRef(path=crash.path, line=crash.line, message=f"in {crash.function}: {crash.error}")]


def _answering(request: str, handlers: Sequence[Handler]) -> list[CodeRef]:
    found = handler_of(request, handlers)
    return [CodeRef(path=found.path, line=found.line, message=f"{found.name} answers {request}")] if found else []


def _wants_places(result: CheckResult) -> bool:
    return result.outcome in ("fail", "partial") and not result.evidence.code


def _with_places(result: CheckResult, places: Sequence[CodeRef]) -> CheckResult:
    if not places:
        return result
    return result.model_copy(update={"evidence": result.evidence.model_copy(update={"code": list(places)})})
