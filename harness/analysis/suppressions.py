"""Comments that silence a tool: found with the tokenizer, so that strings are left alone, counted and made harmless."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass

from harness.analysis.references import CodeRef, code_ref

_TYPES = re.compile(r"type\s*:\s*ignore|\b(?:mypy|pyright|pyrefly|pyre|ty|zuban)\s*:|\bpyre-(?:ignore|fixme)", re.I)
_LINT = re.compile(r"\bnoqa\b|\b(?:ruff|pylint|flake8|isort)\s*:|\bnosec\b", re.I)
_COOKIE = re.compile(r"coding[:=]")
_LAYOUT = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENCODING,
    tokenize.ENDMARKER,
}


@dataclass(frozen=True)
class Neutral:
    """A source without its suppressions; every line and column of code is where it was.

    `code_lines` are the lines that hold code: not blank, not only a comment, not a string that stands alone.
    """

    text: str
    types: list[CodeRef]
    lint: list[CodeRef]
    code_lines: frozenset[int]


def neutralise(path: str, text: str, tree: ast.Module) -> Neutral:
    """`text` is that of a file that parses, with newlines as `\\n`.

    Raises:
        tokenize.TokenError, SyntaxError: the tokenizer takes it otherwise than the parser does.
    """
    lines = text.split("\n")
    types: list[CodeRef] = []
    lint: list[CodeRef] = []
    code: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in _LAYOUT:
            code.update(range(token.start[0], token.end[0] + 1))
        if token.type != tokenize.COMMENT:
            continue
        row, column = token.start
        silences_types, silences_lint = _TYPES.search(token.string), _LINT.search(token.string)
        if silences_types:
            types.append(code_ref(path, row, token.string, rule="suppression"))
        elif silences_lint:
            lint.append(code_ref(path, row, token.string, rule="suppression"))
        if silences_types or silences_lint or (row <= 2 and _COOKIE.search(token.string)):
            lines[row - 1] = lines[row - 1][:column] + "#" + "-" * (len(token.string) - 1)
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            code.difference_update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return Neutral("\n".join(lines), types, lint, frozenset(code))


def unchecked(path: str, tree: ast.Module, code_lines: frozenset[int]) -> tuple[list[CodeRef], set[int]]:
    """Code that mypy passes over although it runs, which no comment had to ask for: places and lines of code."""
    places: list[CodeRef] = []
    lines: set[int] = set()
    for node in ast.walk(tree):
        for first, last, why in _passed_over(node):
            found = code_lines.intersection(range(first, last + 1))
            if len(found) > 1 or "no_type_check" in why:
                lines |= found
                places.append(code_ref(path, first, why, rule="suppression"))
    return places, lines


def _passed_over(node: ast.AST) -> Iterator[tuple[int, int, str]]:
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        if any(_last_name(decorator).startswith("no_type_check") for decorator in node.decorator_list):
            yield node.lineno, node.end_lineno or node.lineno, f"{node.name} is marked no_type_check"
    elif isinstance(node, ast.If):
        condition, hidden = node.test, node.orelse
        if isinstance(condition, ast.UnaryOp) and isinstance(condition.op, ast.Not):
            condition, hidden = condition.operand, node.body
        if hidden and _last_name(condition) in {"TYPE_CHECKING", "MYPY"}:
            last = hidden[-1].end_lineno or hidden[-1].lineno
            yield hidden[0].lineno, last, "code that type checkers are told not to see"


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
