"""Handlers: which function of a submission answers a request. Pure; a guess from the text, to point a reader to it."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel


class Handler(BaseModel):
    """As `harness.analysis.handlers` has it: `template` is the end of the path, as much of it as is known."""

    method: str
    template: str
    name: str
    path: str
    line: int


def handler_of(request: str, handlers: Sequence[Handler]) -> Handler | None:
    """The one that answers `request` ("GET /v1/users/1"); None where there is none, or more than one may."""
    method, _, target = request.partition(" ")
    asked = _segments(target.partition("?")[0])
    fits = [
        (fit, handler)
        for handler in handlers
        if handler.method == method and (fit := _fit(_segments(handler.template), asked)) is not None
    ]
    best = max((fit for fit, _ in fits), default=None)
    found = [handler for fit, handler in fits if fit == best]
    return found[0] if len(found) == 1 else None


def _fit(template: list[str], asked: list[str]) -> tuple[int, int] | None:
    """How well a template fits the end of a path: segments that are the same, and segments; None when it doesn't."""
    if len(template) > len(asked):
        return None
    pairs = list(zip(reversed(template), reversed(asked), strict=False))
    if any(one != other and not one.startswith("{") for one, other in pairs):
        return None
    same = sum(one == other for one, other in pairs)
    # A parameter alone would fit anything.
    return (same, len(template)) if same or len(template) == len(asked) else None


def _segments(path: str) -> list[str]:
    return [segment for segment in path.split("/") if segment]
