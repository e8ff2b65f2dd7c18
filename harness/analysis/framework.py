"""Errors of mypy's that correct code of FastAPI and pydantic gets: left out, each for a reason of its own."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable

UNTYPED_LIBRARY = {"import-untyped", "import-not-found", "import"}
# What follows from a library without types wherever it is used.
FROM_UNTYPED = {"untyped-decorator", "no-any-return"}
_CALL = re.compile(r'(?:Missing named argument|Unexpected keyword argument) "(\w+)" (?:for|to) "(\w+)"')
_ASYNCPG = re.compile(r'generic type "(?:Pool|Connection|PoolConnectionProxy)"')
_TOO_FEW = re.compile(r"Missing (?:positional|named) arguments?")
_ROWCOUNT = re.compile(r'"Result\[.*\]" has no attribute "rowcount"')
_UNTYPED_CALL = re.compile(r'Call to untyped function "([\w.]+)"')
_OPENAPI = re.compile(r"\.openapi\s*=")


class Framework:
    """What the classes of a submission say about the way they are called."""

    def __init__(self, trees: Iterable[ast.Module]) -> None:
        self._bases: dict[str, set[str]] = {}
        self._by_name: set[str] = set()
        self._defaults: dict[str, set[str]] = {}
        self._made: set[str] = set()
        for tree in trees:
            for node in ast.walk(tree):
                if isinstance(node, ast.ClassDef):
                    self._read(node)
                if isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
                    self._made.add(node.name)

    def is_false(self, code: str, message: str, *, line: str = "", beside_untyped: bool = False) -> bool:
        """Whether an error says nothing against the submission.

        `line`: the source there; `beside_untyped`: it is in a file that imports a library without types.
        """
        if code in UNTYPED_LIBRARY:
            return True  # a library without types is the library's doing
        if beside_untyped and (code in FROM_UNTYPED or message.startswith("Class cannot subclass")):
            return True  # so is that its decorators, base classes and results are Any
        match code:
            case "call-arg":
                found = self._is_false_call(message)
            case "no-untyped-call":
                # A library may have types and leave out some: only functions of the submission are its own doing.
                called = _UNTYPED_CALL.search(message)
                found = called is not None and called.group(1).rpartition(".")[2] not in self._made
            case "arg-type":
                # Starlette takes a handler of any exception; only one of Exception itself fits its annotation.
                found = '"add_exception_handler"' in message
            case "type-arg":
                # asyncpg's classes are generic in its stubs and can't be subscripted when they run.
                found = _ASYNCPG.search(message) is not None
            case "attr-defined":
                # SQLAlchemy documents `execute(delete(...)).rowcount`, and types only a subclass of what that returns;
                # and `cls.__name__` in a declared_attr, which mypy takes for a method of instances.
                found = _ROWCOUNT.search(message) is not None or (
                    "cls.__name__" in line and 'has no attribute "__name__"' in message
                )
            case "method-assign":
                # How FastAPI documents an OpenAPI document of one's own: app.openapi = document.
                found = _OPENAPI.search(line) is not None
            case _:
                # pydantic documents @computed_field above @property, which mypy can't do.
                found = code == "prop-decorator"
        return found

    def _is_false_call(self, message: str) -> bool:
        match = _CALL.search(message)
        if match is None:
            return False
        argument, name = match.groups()
        family = self._family(name)
        if "BaseSettings" in family and _TOO_FEW.search(message):
            return True  # settings come from the environment, not from the call
        if family & self._by_name:
            return True  # a field with an alias may be given by either name
        # pydantic takes a default by position, Field(None); the rules for dataclass-like classes know `default=` only.
        return any(argument in self._defaults.get(member, ()) for member in family)

    def _family(self, name: str) -> set[str]:
        found: set[str] = set()
        waiting = [name]
        while waiting:
            current = waiting.pop()
            if current not in found:
                found.add(current)
                waiting.extend(self._bases.get(current, ()))
        return found

    def _read(self, node: ast.ClassDef) -> None:
        bases = self._bases.setdefault(node.name, set())
        for base in node.bases:
            match base.value if isinstance(base, ast.Subscript) else base:
                case ast.Name(id=name) | ast.Attribute(attr=name):
                    bases.add(name)
        for statement in node.body:
            match statement:
                case ast.Assign(value=ast.Call(keywords=keywords)):
                    if any(word.arg in {"populate_by_name", "validate_by_name"} for word in keywords):
                        self._by_name.add(node.name)
                case ast.AnnAssign(
                    target=ast.Name(id=field),
                    value=ast.Call(func=ast.Name(id="Field"), args=[default, *_]),
                ):
                    if not (isinstance(default, ast.Constant) and default.value is Ellipsis):
                        self._defaults.setdefault(node.name, set()).add(field)
