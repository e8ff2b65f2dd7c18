"""Any in its many spellings: how much an annotation says, from 0 (nothing) to 1."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Literal

Role = Literal["parameter", "return", "variable"]

_HALF = 0.5
_TYPING = {"typing", "typing_extensions"}
# Where the generic types come from; a `Counter` of any other library's says what it is.
_GENERIC = {*_TYPING, "collections", "collections.abc", "builtins"}
# Generic types that mean "of Any" when nothing is said about their items.
_BARE = {
    *("dict", "list", "tuple", "set", "frozenset", "Dict", "List", "Tuple", "Set", "FrozenSet", "Callable"),
    *("Mapping", "MutableMapping", "Sequence", "MutableSequence", "Iterable", "Iterator", "Collection"),
    *("defaultdict", "DefaultDict", "OrderedDict", "deque", "Deque", "Counter", "Awaitable", "Coroutine"),
    *("AsyncIterator", "AsyncIterable", "AsyncGenerator", "Generator"),
}


class Aliases:
    """What the names of one module stand for, as far as Any is concerned."""

    def __init__(self) -> None:
        self.any: set[str] = set()
        self.object: set[str] = {"object"}
        self.modules: set[str] = set()
        # Names that stand for something else than the generic type, or the module, of that name.
        self.own: set[str] = set()
        # A name of the module's own for a type, rated like the type.
        self.rated: dict[str, float] = {}

    def rate(self, node: ast.expr, role: Role) -> float:
        """1 for a type, 0 for Any and what amounts to it, a half for a type with Any inside."""
        found = self._rate(node)
        if self._is_object(node):
            # A parameter that takes anything is honest, if it's looked at first; a result that is anything is no help.
            return _HALF if role == "parameter" else 0.0
        return found

    def _rate(self, node: ast.expr) -> float:  # noqa: PLR0911 - one line for each spelling
        node = unquoted(node)
        if self._is_any(node):
            return 0.0
        match node:
            case ast.Name(id=name):
                return 0.0 if name in _BARE - self.own else self.rated.get(name, 1.0)
            case ast.Attribute(value=value, attr=name):
                return 0.0 if name in _BARE and self._is_generic_module(value) else 1.0
            case ast.BinOp(op=ast.BitOr(), left=left, right=right):
                return min(self._rate(left), self._rate(right))
            case ast.Subscript(value=value, slice=inner):
                return self._rate_generic(_name(value), _items(inner))
            case ast.List(elts=items) | ast.Tuple(elts=items):
                return min((max(self._rate(item), _HALF) for item in items), default=1.0)
        return 1.0

    def _rate_generic(self, name: str, items: list[ast.expr]) -> float:
        if name == "Literal" or not items:
            return 1.0
        if name in {"Annotated", "ClassVar", "Final", "Required", "NotRequired", "ReadOnly"}:
            return self._rate(items[0])
        if name in {"Optional", "Union"}:
            return min(self._rate(item) for item in items)
        return _HALF if min(self._rate(item) for item in items) < 1 else 1.0

    def _is_any(self, node: ast.expr) -> bool:
        match node:
            case ast.Name(id=name):
                return name in self.any
            case ast.Attribute(value=ast.Name(id=module), attr="Any"):
                return module in self.modules
        return False

    def _is_generic_module(self, node: ast.expr) -> bool:
        return ast.unparse(node) in self.modules | _GENERIC and _name(node) not in self.own

    def _is_object(self, node: ast.expr) -> bool:
        node = unquoted(node)
        match node:
            case ast.Name(id=name):
                return name in self.object
            case ast.Attribute(value=ast.Name(id="builtins"), attr="object"):
                return True
            case ast.BinOp(op=ast.BitOr(), left=left, right=right):
                return self._is_object(left) or self._is_object(right)
            case ast.Subscript(value=value, slice=inner):
                items = _items(inner)
                if _name(value) == "Annotated":
                    return bool(items) and self._is_object(items[0])
                return _name(value) in {"Optional", "Union"} and any(self._is_object(item) for item in items)
        return False

    def learn(self, statement: ast.stmt) -> None:
        """Take in a module-level statement: an import, or an assignment that may be an alias."""
        match statement:
            case ast.Import(names=names):
                self.modules |= {name.asname or name.name for name in names if name.name in _GENERIC}
            case ast.ImportFrom(module=module, names=names, level=level):
                self._learn_from(module if not level else None, names)
            case ast.ClassDef(name=name):
                self.own.add(name)
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                self._alias(name, value)
            case ast.AnnAssign(target=ast.Name(id=name), annotation=kind, value=ast.expr() as value):
                if _name(kind) == "TypeAlias":
                    self._alias(name, value)
            case ast.If() | ast.Try():
                for inner in (*statement.body, *statement.orelse):
                    self.learn(inner)
            case _:
                self._type_statement(statement)

    def _learn_from(self, module: str | None, names: list[ast.alias]) -> None:
        for name in names:
            here = name.asname or name.name
            # Most libraries have imported Any, and any of them can be asked for it.
            if name.name == "Any" and module is not None:
                self.any.add(here)
            elif name.name == "*" and module in _TYPING:
                self.any.add("Any")
            elif name.name == "object" and module == "builtins":
                self.object.add(here)
            elif module == "collections" and name.name == "abc":
                self.modules.add(here)
            elif module not in _GENERIC:
                self.own.add(here)
            elif name.name in _BARE and here != name.name:
                self.rated[here] = 0.0

    def _type_statement(self, statement: ast.stmt) -> None:
        """`type X = ...`, for which Python 3.11 has no class."""
        value: object = getattr(statement, "value", None)
        if type(statement).__name__ == "TypeAlias" and isinstance(value, ast.expr):
            self._alias(_name(getattr(statement, "name", None)), value)

    def _alias(self, name: str, value: ast.expr) -> None:
        if not isinstance(value, (ast.Name, ast.Attribute, ast.Subscript, ast.BinOp, ast.Constant)):
            return
        if self._is_any(unquoted(value)):
            self.any.add(name)
        elif self._is_object(value):
            self.object.add(name)
        elif (rating := self._rate(value)) < 1:
            self.rated[name] = rating


def aliases_of(trees: Iterable[tuple[str, ast.Module]]) -> dict[str, Aliases]:
    """For each path its aliases; those that a module takes from another of the submission's included."""
    found: dict[str, Aliases] = {}
    by_name: dict[str, Aliases] = {}
    pairs = list(trees)
    for path, tree in pairs:
        aliases = found[path] = Aliases()
        pure = PurePosixPath(path)
        by_name[pure.parent.name if pure.stem == "__init__" else pure.stem] = aliases
        for statement in tree.body:
            aliases.learn(statement)
    # Twice: for an alias that goes through a package's __init__.py.
    for path, tree in [*pairs, *pairs]:
        for node in tree.body:
            if isinstance(node, ast.ImportFrom):
                origin = by_name.get((node.module or PurePosixPath(path).parent.name).rpartition(".")[2])
                if origin is not None and node.module not in _TYPING:
                    _adopt(found[path], origin, node.names)
    return found


def _adopt(into: Aliases, origin: Aliases, names: list[ast.alias]) -> None:
    for name in names:
        here = name.asname or name.name
        if name.name in origin.any:
            into.any.add(here)
        if name.name in origin.object:
            into.object.add(here)
        if name.name in origin.rated:
            into.rated[here] = origin.rated[name.name]


def unquoted(node: ast.expr) -> ast.expr:
    """The expression in an annotation that is written as a string."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        try:
            return ast.parse(node.value.strip(), mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return node
    return node


def _name(node: object) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _items(node: ast.expr) -> list[ast.expr]:
    return node.elts if isinstance(node, ast.Tuple) else [node]
