"""Declared: what checks say of themselves, read from the suites' text. Nothing of them is run."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.errors import UsageError
from harness.parsing import PARSING
from harness.record import Question


@dataclass(frozen=True)
class Declared:
    """One `@check(...)`. Texts that are no plain literals are empty. `source` is `suite/file:line`."""

    id: str
    passed: str
    failed: str
    why: str
    hint: str
    question: Question | None
    after: tuple[str, ...]
    source: str


def declared(suite: Path) -> Iterator[Declared]:
    """Every check of a suite, by the order of its files.

    Raises:
        UsageError: a file can't be parsed.
    """
    for path in sorted(suite.rglob("test_*.py")):
        try:
            with PARSING:
                tree = ast.parse(path.read_bytes())
        except (SyntaxError, ValueError) as error:
            raise UsageError("a suite can't be parsed", where=str(path), detail=str(error)) from error
        where = f"{suite.name}/{path.relative_to(suite).as_posix()}"
        for node in ast.walk(tree):
            for call in getattr(node, "decorator_list", []):
                if _is(call, "check") and call.args and isinstance(call.args[0], ast.Constant):
                    yield _declared(str(call.args[0].value), call, f"{where}:{call.lineno}")


def _declared(name: str, call: ast.Call, source: str) -> Declared:
    values = {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}
    question = values.get("question")
    asked = None
    if isinstance(question, ast.Call) and _is(question, "Question"):
        parts = {keyword.arg: keyword.value for keyword in question.keywords if keyword.arg}
        asked = Question(ask=_text(parts, "ask"), junior=_text(parts, "junior"), senior=_text(parts, "senior"))
    after = _literal(values.get("after"))
    return Declared(
        id=name,
        passed=_text(values, "passed"),
        failed=_text(values, "failed"),
        why=_text(values, "why"),
        hint=_text(values, "hint"),
        question=asked,
        after=(after,) if isinstance(after, str) else tuple(map(str, after)) if isinstance(after, list | tuple) else (),
        source=source,
    )


def _is(node: object, name: str) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name


def _text(values: Mapping[str, ast.expr], name: str) -> str:
    found = _literal(values.get(name))
    return found if isinstance(found, str) else ""


def _literal(node: ast.expr | None) -> object:
    try:
        return None if node is None else ast.literal_eval(node)
    except ValueError:
        return None
