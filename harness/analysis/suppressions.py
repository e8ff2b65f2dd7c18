"""Comments that silence a tool: found with the tokenizer, so that strings are left alone, counted and made harmless."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterable, Iterator
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
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and any(
            _last_name(decorator).startswith("no_type_check") for decorator in node.decorator_list
        ):
            lines |= lines_of([node], code_lines)
            places.append(code_ref(path, node.lineno, f"{node.name} is marked no_type_check", rule="suppression"))
        for block in blocks_of(node):
            for position, statement in enumerate(block):
                hidden = lines_of(_hidden(statement, block[position + 1 :]), code_lines)
                if len(hidden) > 1:
                    lines |= hidden
                    message = "code that type checkers are told not to see"
                    places.append(code_ref(path, min(hidden), message, rule="suppression"))
    return places, lines


def blocks_of(node: ast.AST) -> Iterator[list[ast.stmt]]:
    """The lists of statements directly inside a node."""
    for name in ("body", "orelse", "finalbody"):
        block: object = getattr(node, name, None)
        if isinstance(block, list):
            yield block


def lines_of(statements: Iterable[ast.AST], code_lines: frozenset[int]) -> set[int]:
    """The lines of code of some statements."""
    found: set[int] = set()
    for node in statements:
        if isinstance(node, (ast.stmt, ast.expr)):
            found |= code_lines.intersection(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return found


def _hidden(statement: ast.stmt, after: list[ast.stmt]) -> list[ast.stmt]:
    """What a statement hides by asking whether a type checker is looking."""
    if isinstance(statement, ast.If) and _asks(statement.test):
        seen, hidden = statement.body, statement.orelse
        if isinstance(statement.test, ast.UnaryOp):
            seen, hidden = hidden, seen
        elif not isinstance(statement.test, (ast.Name, ast.Attribute)):
            seen, hidden = [], [*seen, *hidden]
        return [*hidden, *(after if any(_leaves(inner) for inner in seen) else [])]
    if isinstance(statement, ast.Assert):
        return after if _asks(statement.test) else []
    if isinstance(statement, ast.While):
        return [statement] if _asks(statement.test) else []
    if isinstance(statement, ast.Match):
        return [statement] if _asks(statement.subject) else []
    return []


def _asks(test: ast.expr) -> bool:
    return any(_last_name(node) in {"TYPE_CHECKING", "MYPY"} for node in ast.walk(test) if isinstance(node, ast.expr))


def _leaves(statement: ast.stmt) -> bool:
    return any(
        isinstance(node, (ast.Return, ast.Raise, ast.Continue, ast.Break, ast.Assert)) for node in ast.walk(statement)
    )


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
