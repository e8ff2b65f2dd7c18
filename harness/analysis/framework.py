"""Errors of mypy's that correct code of FastAPI and pydantic gets: left out, each for a reason of its own."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable

UNTYPED_LIBRARY = {"import-untyped", "import-not-found", "import"}
_CALL = re.compile(r'(?:Missing named argument|Unexpected keyword argument) "(\w+)" (?:for|to) "(\w+)"')
_ASYNCPG = re.compile(r'generic type "(?:Pool|Connection|PoolConnectionProxy)"')
_TOO_FEW = re.compile(r"Missing (?:positional|named) arguments?")


class Framework:
    """What the classes of a submission say about the way they are called."""

    def __init__(self, trees: Iterable[ast.Module]) -> None:
        self._bases: dict[str, set[str]] = {}
        self._by_name: set[str] = set()
        self._defaults: dict[str, set[str]] = {}
        for tree in trees:
            for node in ast.walk(tree):
                if isinstance(node, ast.ClassDef):
                    self._read(node)

    def is_false(self, code: str, message: str, *, beside_untyped: bool = False) -> bool:
        """Whether an error says nothing against the submission.

        `beside_untyped`: it is in a file that imports a library without types.
        """
        if code in UNTYPED_LIBRARY:
            return True  # a library without types is the library's doing
        if beside_untyped and (code == "untyped-decorator" or message.startswith("Class cannot subclass")):
            return True  # so is that its decorators and base classes are Any
        match code:
            case "call-arg":
                return self._is_false_call(message)
            case "arg-type":
                # Starlette takes a handler of any exception; only one of Exception itself fits its annotation.
                return '"add_exception_handler"' in message
            case "type-arg":
                # asyncpg's classes are generic in its stubs and can't be subscripted when they run.
                return _ASYNCPG.search(message) is not None
        # pydantic documents @computed_field above @property, which mypy can't do.
        return code == "prop-decorator"

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
