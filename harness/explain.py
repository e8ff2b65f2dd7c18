"""Explain: what was noticed in the code, beside what the checks have shown. Pure; no signal changes a point."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from harness.evidence import CheckMeta
from harness.record import CheckResult, CodeRef, Signal

_MOST_SIGNALS = 40
_PLACES = 3


def signals_of(static: Mapping[str, Any] | None) -> list[Signal]:
    """The signals of an analysis document. What is no signal is left out: the document was made beside strange code."""
    found = (static or {}).get("signals")
    signals = []
    for item in found[:_MOST_SIGNALS] if isinstance(found, list) else []:
        try:
            signals.append(Signal.model_validate(item))
        except ValidationError:
            continue
    return signals


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
