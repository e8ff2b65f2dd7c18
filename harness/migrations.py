"""Migrations: a record of an earlier takehome, as this one reads it. Pure; one step a version."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def _to_1_1(document: dict[str, Any]) -> dict[str, Any]:
    """1.1 added members that all may be absent.

    `digest` of the challenge; `requirement`, `source` and `attempts` of a check, `httpx` and `shows` of its evidence;
    `pulse`, `reference_pulse`, `began` and `limits`.
    """
    return {**document, "schema_version": "1.1"}


_STEPS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {"1.0": _to_1_1}
EARLIER = tuple(_STEPS)


def migrated(document: dict[str, Any]) -> dict[str, Any]:
    """The document in the newest version that there is a way to; unchanged where there is none."""
    for _ in _STEPS:
        step = _STEPS.get(str(document.get("schema_version")))
        if step is None:
            break
        document = step(document)
    return document
