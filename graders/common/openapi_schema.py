"""JSON schemas of an OpenAPI document, reduced to what two documents can be compared by."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]
_DEPTH = 12
_MOST = 20_000
_BY_VALUE = {bool: "boolean", int: "integer", float: "number", str: "string", type(None): "null"}


@dataclass(frozen=True)
class Shape:
    """What a schema allows: JSON types ("any" when it doesn't say), members of objects, items of arrays."""

    types: frozenset[str] = frozenset()
    members: dict[str, Shape] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    items: Shape | None = None


ANY = Shape(frozenset({"any"}))


def without_patterns(node: object) -> Any:  # noqa: ANN401 - any JSON value
    """A copy in which no text is a regular expression any more: one of a stranger's may run for ever.

    A member that is called `pattern` is an object, and stays.
    """
    if isinstance(node, dict):
        left_out = {"patternProperties"} | ({"pattern"} if isinstance(node.get("pattern"), str) else set())
        return {key: without_patterns(value) for key, value in node.items() if key not in left_out}
    return [without_patterns(one) for one in node] if isinstance(node, list) else node


def resolve(document: Json, node: object) -> Json:
    """`node` with its $ref followed within the document; empty when that leads nowhere."""
    for _ in range(_DEPTH):
        if not isinstance(node, dict):
            return {}
        target = node.get("$ref")
        if not isinstance(target, str):
            return node
        found: Any = document if target.startswith("#/") else None
        for part in target[2:].split("/"):
            key = part.replace("~1", "/").replace("~0", "~")
            found = found.get(key) if isinstance(found, dict) else None
        siblings = {k: v for k, v in node.items() if k != "$ref"}
        node = {**found, **siblings} if isinstance(found, dict) else {}
    return {}


def shape(document: Json, schema: object) -> Shape:
    """The shape of a schema: unions joined, intersections merged, references followed, all within limits."""
    return _Reader(document).read(schema)


class _Reader:
    """Reads one schema. A document may refer to itself any number of times, so what is read has an end."""

    def __init__(self, document: Json) -> None:
        self._document = document
        self._left = _MOST

    def read(self, schema: object, depth: int = 0) -> Shape:
        self._left -= 1
        plain = resolve(self._document, schema) if depth <= _DEPTH and self._left > 0 else {}
        if not plain:
            return ANY
        shapes = [self._own(plain, depth), *self._all(plain.get("allOf"), depth)]
        for union in ("anyOf", "oneOf"):
            options = self._all(plain.get(union), depth)
            if options:
                shapes.append(_union(options))
        told = [s for s in shapes if s != ANY]
        return _merge(told) if told else ANY

    def _all(self, schemas: object, depth: int) -> list[Shape]:
        return [self.read(one, depth + 1) for one in _list(schemas)]

    def _own(self, plain: Json, depth: int) -> Shape:
        members = plain.get("properties")
        named = members if isinstance(members, dict) else {}
        items = plain.get("items")
        found = Shape(
            types=_types(plain),
            members={str(name): self.read(member, depth + 1) for name, member in named.items()},
            required=frozenset(str(n) for n in _list(plain.get("required"))),
            items=self.read(items, depth + 1) if isinstance(items, dict) else None,
        )
        return ANY if found.types == ANY.types and not found.members and found.items is None else found


def _types(plain: Json) -> frozenset[str]:
    said = plain.get("type")
    types = {said} if isinstance(said, str) else {t for t in _list(said) if isinstance(t, str)}
    values = [plain["const"]] if "const" in plain else _list(plain.get("enum"))
    if not types:
        types = {_BY_VALUE[type(v)] for v in values if type(v) in _BY_VALUE}
    if not types and isinstance(plain.get("properties"), dict):
        types = {"object"}
    if not types and isinstance(plain.get("items"), dict):
        types = {"array"}
    if types and plain.get("nullable") is True:
        types.add("null")
    return frozenset(types) or ANY.types


def _union(options: list[Shape]) -> Shape:
    members: dict[str, Shape] = {}
    for option in options:
        for name, member in option.members.items():
            members[name] = _union([members[name], member]) if name in members else member
    objects = [o for o in options if "object" in o.types]
    required = frozenset.intersection(*(o.required for o in objects)) if objects else frozenset[str]()
    items = [o.items for o in options if o.items is not None]
    return Shape(frozenset().union(*(o.types for o in options)), members, required, _union(items) if items else None)


def _merge(parts: list[Shape]) -> Shape:
    """All of them at once: the types that every part which names some allows."""
    named = [p.types for p in parts if p.types != ANY.types]
    types = frozenset.intersection(*named) if named else ANY.types
    members: dict[str, Shape] = {}
    for part in parts:
        for name, member in part.members.items():
            members[name] = _merge([members[name], member]) if name in members and members[name] != ANY else member
    required = frozenset[str]().union(*(p.required for p in parts))
    return Shape(types or ANY.types, members, required, next((p.items for p in parts if p.items is not None), None))


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
