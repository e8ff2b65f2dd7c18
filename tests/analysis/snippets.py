"""Signals of a few lines of code."""

from __future__ import annotations

import ast
import textwrap
from typing import Any

from harness.analysis.code import Code
from harness.analysis.signals import read_signals


def signals(*files: str, names: tuple[str, ...] = ("app/main.py", "app/helpers.py")) -> dict[str, dict[str, Any]]:
    trees = [(name, ast.parse(textwrap.dedent(text))) for name, text in zip(names, files, strict=False)]
    return {found["id"]: found for found in read_signals(Code(trees))}


def messages(found: dict[str, dict[str, Any]], id_: str) -> list[str]:
    return [place["message"] for place in found[id_]["places"]]
