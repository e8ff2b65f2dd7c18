"""Annotations: how many parameters and results have one, and how many of those say something."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from harness.analysis.anys import Aliases, Role, aliases_of
from harness.analysis.references import CodeRef, code_ref

_MOST_TEXT = 60

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass
class Annotations:
    """`parameters` counts results, too; `unused` are functions that nothing refers to and that don't count."""

    parameters: int = 0
    annotated: int = 0
    missing: list[CodeRef] = field(default_factory=list)
    annotations: int = 0
    said: float = 0.0
    any: list[CodeRef] = field(default_factory=list)
    unused: list[CodeRef] = field(default_factory=list)
    # For each path: parameters, how many of them are annotated, annotations, and what these say (see `said`).
    per_file: dict[str, tuple[int, int, int, float]] = field(default_factory=dict)
    # For each path the lines with annotations, or without one that they should have: t, a or u (see listing.py).
    per_line: dict[str, dict[int, str]] = field(default_factory=dict)

    def mark(self, path: str, line: int, letter: str) -> None:
        """Note what a line says; the worst that is noted of it stays."""
        lines = self.per_line.setdefault(path, {})
        lines[line] = max(lines.get(line, "t"), letter, key="tau".index)

    def counts(self) -> tuple[int, int, int, float]:
        """Parameters, annotated ones, annotations, and what they say, so far."""
        return self.parameters, self.annotated, self.annotations, self.said

    @property
    def annotated_share(self) -> float:
        """0 when there is nothing to annotate."""
        return self.annotated / self.parameters if self.parameters else 0.0

    @property
    def not_any_share(self) -> float:
        """0 when there is no annotation: nothing has been said."""
        return self.said / self.annotations if self.annotations else 0.0


def read_annotations(files: Iterable[tuple[str, ast.Module]]) -> Annotations:
    """Count over the modules of one submission: (path, tree)."""
    pairs = list(files)
    found = Annotations()
    aliases = aliases_of(pairs)
    used = _names_used(tree for _, tree in pairs)
    for path, tree in pairs:
        before = found.counts()
        _Reader(path, aliases[path], used, found).read(tree)
        parameters, annotated, annotations, said = found.counts()
        found.per_file[path] = (
            parameters - before[0],
            annotated - before[1],
            annotations - before[2],
            said - before[3],
        )
    return found


class _Reader:
    def __init__(self, path: str, aliases: Aliases, used: set[str], found: Annotations) -> None:
        self._path = path
        self._aliases = aliases
        self._used = used
        self._found = found

    def read(self, tree: ast.Module) -> None:
        for node, owner in _with_owner(tree):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                if self._is_unused(node, owner):
                    self._found.unused.append(code_ref(self._path, node.lineno, f"nothing refers to {node.name}"))
                else:
                    self._function(node, in_class=owner is not None)
            elif isinstance(node, ast.AnnAssign):
                self._rate(node.annotation, "variable", node.lineno, ast.unparse(node.target))
            elif isinstance(node, ast.Call) and self._casts_to_any(node):
                self._rate(node.args[0], "variable", node.lineno, "a cast")

    def _function(self, node: Function, *, in_class: bool) -> None:
        decorators = {_called(decorator) for decorator in node.decorator_list}
        blind = "no_type_check" in decorators
        arguments = node.args
        positional = [*arguments.posonlyargs, *arguments.args]
        if in_class and "staticmethod" not in decorators:
            del positional[:1]
        starred = [argument for argument in (arguments.vararg, arguments.kwarg) if argument is not None]
        for argument in [*positional, *arguments.kwonlyargs, *starred]:
            self._count(
                None if blind else argument.annotation, "parameter", argument.lineno, f"{node.name}({argument.arg})"
            )
        self._count(None if blind else node.returns, "return", node.lineno, f"what {node.name} returns")

    def _count(self, annotation: ast.expr | None, role: Role, line: int, what: str) -> None:
        self._found.parameters += 1
        if annotation is None:
            self._found.missing.append(code_ref(self._path, line, f"{what} has no annotation", rule="annotation"))
            self._found.mark(self._path, line, "u")
            return
        self._found.annotated += 1
        self._rate(annotation, role, line, what)

    def _rate(self, annotation: ast.expr, role: Role, line: int, what: str) -> None:
        rating = self._aliases.rate(annotation, role)
        self._found.annotations += 1
        self._found.said += rating
        self._found.mark(self._path, line, "t" if rating == 1 else "a")
        if rating < 1:
            text = ast.unparse(annotation)[:_MOST_TEXT]
            part = "says nothing" if rating == 0 else "says half"
            self._found.any.append(code_ref(self._path, line, f"{what}: {text} {part}", rule="any"))

    def _casts_to_any(self, node: ast.Call) -> bool:
        return _called(node) == "cast" and bool(node.args) and self._aliases.rate(node.args[0], "variable") == 0

    def _is_unused(self, node: Function, owner: ast.ClassDef | None) -> bool:
        """Nothing names it. Decorated functions, special methods and those of a subclass are called by others."""
        if node.decorator_list or (owner is not None and owner.bases):
            return False
        special = node.name.startswith("__") and node.name.endswith("__")
        return not special and node.name not in self._used


def _with_owner(tree: ast.Module) -> Iterator[tuple[ast.AST, ast.ClassDef | None]]:
    """Every node in the order of the source, with the class whose body it stands in directly."""
    waiting: list[tuple[ast.AST, ast.ClassDef | None]] = [(tree, None)]
    while waiting:
        node, owner = waiting.pop()
        yield node, owner
        # A method under an `if` in the class body is still the class's.
        inner = node if isinstance(node, ast.ClassDef) else owner if isinstance(node, (ast.If, ast.Try)) else None
        waiting.extend((child, inner) for child in reversed(list(ast.iter_child_nodes(node))))


def _names_used(trees: Iterable[ast.Module]) -> set[str]:
    """Every identifier that is read, imported, or spelt in a string (`uvicorn.run("app:make")`, `__all__`)."""
    names: set[str] = set()
    for tree in trees:
        for node in ast.walk(tree):
            match node:
                case ast.Name(id=name, ctx=ast.Load()) | ast.Attribute(attr=name):
                    names.add(name)
                case ast.alias(name=name):
                    names.add(name)
                case ast.Constant(value=str() as text) if len(text) < 200:
                    names.update(text.replace(":", " ").replace(".", " ").split())
    return names


def _called(node: ast.expr) -> str:
    if isinstance(node, ast.Call):
        node = node.func
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
