"""What an OpenAPI document lacks of a contract. Pure: two documents in, a list of gaps out.

The contract is an OpenAPI document itself and says what must be there at least; whatever else is served is nobody's
business. Compared are operations, parameters, media types, statuses, members with their types, and security. Path
templates are compared without the names of their parameters, references are followed on both sides.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from .openapi_schema import ANY, Json, Shape, resolve, shape

METHODS = ("get", "put", "post", "delete", "patch", "head", "options")
_ERROR = 400


@dataclass(frozen=True)
class Gap:
    """A claim of the contract that the document doesn't hold."""

    where: str
    missing: str

    def __str__(self) -> str:
        return f"{self.where}: {self.missing}"


@dataclass
class Diff:
    """How many claims were compared and which don't hold; `implied` counts those that hang on a gap already named."""

    claims: int = 0
    gaps: list[Gap] = field(default_factory=list)
    implied: int = 0

    def holds(self, condition: bool, where: str, missing: str) -> bool:
        self.claims += 1
        if not condition:
            self.gaps.append(Gap(where, missing))
        return condition

    def part(self, there: bool, where: str, missing: str, rest: Callable[[Diff], None]) -> None:
        """A claim that others hang on: when it doesn't hold, the others are counted as lost without being named."""
        if self.holds(there, where, missing):
            rest(self)
            return
        lost = Diff()
        rest(lost)
        self.claims += lost.claims
        self.implied += len(lost.gaps) + lost.implied

    @property
    def share(self) -> float:
        """The share of the claims that hold, 0 to 1."""
        return 1 - (len(self.gaps) + self.implied) / self.claims if self.claims else 1.0


@dataclass(frozen=True)
class Place:
    """An operation in its document."""

    document: Json
    item: Json
    operation: Json

    def parameters(self) -> dict[tuple[str, str], Json]:
        """By where they are sent and name; header names in lower case."""
        found: dict[tuple[str, str], Json] = {}
        for owner in (self.item, self.operation):
            for raw in _list(owner.get("parameters")):
                one = resolve(self.document, raw)
                kind, name = str(one.get("in")), str(one.get("name"))
                found[kind, name.lower() if kind == "header" else name] = one
        return found

    def content(self, owner: object) -> dict[str, Json]:
        """Media types (without parameters, in lower case) of a request body or response."""
        content = resolve(self.document, owner).get("content")
        named = content if isinstance(content, dict) else {}
        return {str(k).split(";")[0].strip().lower(): v for k, v in named.items() if isinstance(v, dict)}

    def responses(self) -> dict[str, Json]:
        named = self.operation.get("responses")
        return {str(k).upper(): v for k, v in named.items()} if isinstance(named, dict) else {}

    def response(self, status: str) -> Json | None:
        """What documents a status: itself, its range, or for errors the default."""
        names = [status, f"{status[0]}XX"] + (["DEFAULT"] if status >= str(_ERROR) else [])
        there = self.responses()
        return next((there[name] for name in names if name in there), None)

    def security(self) -> list[Json] | None:
        """The alternatives of credentials; None when neither the operation nor the document says."""
        said = self.operation.get("security", self.document.get("security"))
        return [one for one in said if isinstance(one, dict)] if isinstance(said, list) else None

    def takes_bearer(self) -> bool:
        """Whether each alternative of credentials is a bearer token."""
        components = resolve(self.document, self.document.get("components"))
        schemes = resolve(self.document, components.get("securitySchemes"))
        bearer = {name for name in schemes if _is_bearer(resolve(self.document, schemes[name]))}
        return all(bearer & set(one) for one in self.security() or [{}])


def compare(contract: Json, served: Json) -> Diff:
    """Every claim of `contract`, looked up in `served`."""
    diff = Diff()
    there = {(method, _bare(path)): (item, op) for method, path, item, op in operations(served)}
    for method, path, item, operation in operations(contract):
        where = f"{method.upper()} {path}"
        wanted = Place(contract, item, operation)
        key = (method, _bare(path))
        found = Place(served, *there.get(key, ({}, {})))

        def rest(diff: Diff, where: str = where, wanted: Place = wanted, found: Place = found) -> None:
            _operation(diff, where, wanted, found)

        diff.part(key in there, where, "the operation is missing", rest)
    return diff


def operations(document: Json) -> Iterator[tuple[str, str, Json, Json]]:
    """Method, path, path item and operation of each operation."""
    paths = document.get("paths")
    for path, raw in paths.items() if isinstance(paths, dict) else ():
        item = resolve(document, raw)
        for method in METHODS:
            if isinstance(item.get(method), dict):
                yield method, path, item, item[method]


def _operation(diff: Diff, where: str, wanted: Place, found: Place) -> None:
    there = found.parameters()
    for (kind, name), parameter in wanted.parameters().items():
        if kind == "path":
            continue
        at = f"{where}, {kind} parameter {parameter.get('name')}"
        schema = shape(wanted.document, parameter.get("schema"))
        served = shape(found.document, there.get((kind, name), {}).get("schema"))

        def rest(diff: Diff, at: str = at, wanted: Shape = schema, found: Shape = served) -> None:
            _value(diff, at, wanted, found, answer=False)

        diff.part((kind, name) in there, at, "it is missing", rest)
    bodies = found.content(found.operation.get("requestBody"))
    for media_type, body in wanted.content(wanted.operation.get("requestBody")).items():
        _body(diff, f"{where}, request body", media_type, (wanted, body), (found, bodies.get(media_type)), answer=False)
    for status, response in wanted.responses().items():
        _response(diff, f"{where}, {status}", status, (wanted, response), found)
    _security(diff, where, wanted, found)


def _response(diff: Diff, where: str, status: str, wanted: tuple[Place, Json], found: Place) -> None:
    place, response = wanted
    there = found.response(status)

    def rest(diff: Diff) -> None:
        bodies = found.content(there)
        for media_type, body in place.content(response).items():
            # A problem is a problem: only that it is one is pinned.
            schema = {} if status >= str(_ERROR) else body
            _body(diff, where, media_type, (place, schema), (found, bodies.get(media_type)), answer=True)

    diff.part(there is not None, where, "the status is not documented", rest)


def _body(
    diff: Diff,
    where: str,
    media_type: str,
    wanted: tuple[Place, Json],
    found: tuple[Place, Json | None],
    *,
    answer: bool,
) -> None:
    def rest(diff: Diff) -> None:
        schema = shape(wanted[0].document, wanted[1].get("schema"))
        _value(diff, where, schema, shape(found[0].document, (found[1] or {}).get("schema")), answer=answer)

    diff.part(found[1] is not None, where, f"no {media_type}", rest)


def _value(diff: Diff, where: str, wanted: Shape, found: Shape, *, answer: bool) -> None:
    """What is wanted of a value, and of what is in it."""
    if wanted == ANY:
        return
    diff.holds(
        _fits(wanted.types, found.types, answer=answer),
        where,
        f"type is {_told(found.types)}, should be {_told(wanted.types)}",
    )
    for name, member in wanted.members.items():
        at = f"{where}, member {name}"

        def rest(diff: Diff, at: str = at, name: str = name, member: Shape = member) -> None:
            _value(diff, at, member, found.members.get(name, ANY), answer=answer)
            if not answer and name in wanted.required:
                diff.holds(name in found.required, at, "it is not required")

        diff.part(name in found.members, at, "it is missing", rest)
    if wanted.items is not None:
        _value(diff, f"{where}, items", wanted.items, found.items or ANY, answer=answer)


def _fits(wanted: frozenset[str], found: frozenset[str], *, answer: bool) -> bool:
    """Types agree: in answers exactly, in requests with null as an extra; an integer passes for a number."""
    if wanted == ANY.types:
        return True
    plain, there = wanted - {"null"}, found - {"null"}
    if plain != there and not (plain == {"number"} and there == {"integer"}):
        return False
    return ("null" in found) == ("null" in wanted) if answer else "null" in found or "null" not in wanted


def _security(diff: Diff, where: str, wanted: Place, found: Place) -> None:
    said = wanted.security()
    if said is None:
        return
    there = found.security() or []
    if said and {} not in said:
        guarded = bool(there) and {} not in there and found.takes_bearer()
        diff.holds(guarded, where, "no security by bearer token")
    else:
        diff.holds(not there or {} in there, where, "it is public, yet documented as needing a token")


def _is_bearer(scheme: Json) -> bool:
    kind = str(scheme.get("type")).lower()
    return kind in ("oauth2", "openidconnect") or (kind, str(scheme.get("scheme")).lower()) == ("http", "bearer")


def _bare(path: str) -> str:
    return re.sub(r"\{[^}]*\}", "{}", path.rstrip("/"))


def _told(types: frozenset[str]) -> str:
    return " or ".join(sorted(types)) if types != ANY.types else "not said"


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
