"""What makes an OpenAPI document a good one: a dozen rules. Pure; a document in, a verdict for each rule out."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import jsonschema

from .openapi_diff import Place, operations
from .openapi_schema import Json, resolve, without_patterns

LEAST_OPERATIONS = 3
_MOST_BYTES = 1024 * 1024
_MOST_NODES = 50_000
_MOST_EXAMPLES = 200
_DEPTH = 12
_BODILESS = {"204", "205", "304"}
_TEXT_BOUNDS = {"maxLength", "pattern", "enum", "const", "format"}
_NUMBER_BOUNDS = (("minimum", "exclusiveMinimum", "enum", "const"), ("maximum", "exclusiveMaximum", "enum", "const"))


@dataclass(frozen=True)
class Operation:
    """One operation: `name` is its method and path."""

    name: str
    place: Place

    @property
    def plain(self) -> Json:
        return self.place.operation

    @property
    def takes_something(self) -> bool:
        return bool(self.place.parameters()) or "requestBody" in self.plain


@dataclass(frozen=True)
class Verdict:
    """`claims` places were looked at, of which `broken` don't hold the rule."""

    id: str
    title: str
    claims: int
    broken: tuple[str, ...]


# What was looked at, and in words what is wrong with it ("" when nothing is).
Finding = tuple[str, str]


def too_large(document: Json) -> str:
    """In words, when no tool should be asked to read this; "" for any honest document."""
    nodes = 0
    waiting: list[object] = [document]
    while waiting and nodes <= _MOST_NODES:
        one = waiting.pop()
        nodes += 1
        waiting.extend(one.values() if isinstance(one, dict) else one if isinstance(one, list) else ())
    if nodes > _MOST_NODES:
        return f"more than {_MOST_NODES} values"
    size = len(json.dumps(document))
    return f"{size} bytes" if size > _MOST_BYTES else ""


def judge(document: Json) -> list[Verdict]:
    """Every rule, in a fixed order; the first looks at each operation once."""
    found = [
        Operation(f"{method.upper()} {path}", Place(document, item, operation))
        for method, path, item, operation in operations(document)
    ]
    verdicts = []
    for id_, title, rule in RULES:
        looked_at = list(rule(document, found))
        broken = tuple(f"{where} {wrong}" for where, wrong in looked_at if wrong)
        verdicts.append(Verdict(id_, title, len(looked_at), broken))
    return verdicts


def _ids(_: Json, found: list[Operation]) -> Iterator[Finding]:
    counts = Counter(str(one.plain.get("operationId")) for one in found)
    for one in found:
        id_ = one.plain.get("operationId")
        yield one.name, "has none" if not id_ else f"shares {id_}" if counts[str(id_)] > 1 else ""


def _info(document: Json, _: list[Operation]) -> Iterator[Finding]:
    info = resolve(document, document.get("info"))
    yield "info.title", "is nobody's own" if info.get("title") in (None, "", "FastAPI") else ""
    yield "info.version", "is nobody's own" if info.get("version") in (None, "", "0.1.0") else ""


def _summaries(_: Json, found: list[Operation]) -> Iterator[Finding]:
    for one in found:
        yield one.name, "" if one.plain.get("summary") or one.plain.get("description") else "has neither"


def _tags(_: Json, found: list[Operation]) -> Iterator[Finding]:
    for one in found:
        yield one.name, "" if one.plain.get("tags") else "has none"


def _success(_: Json, found: list[Operation]) -> Iterator[Finding]:
    for one in found:
        good = any(status[:1] in "23" for status in one.place.responses())
        yield one.name, "" if good else "has no answer that is a success"


def _errors(_: Json, found: list[Operation]) -> Iterator[Finding]:
    for one in found:
        if one.takes_something:
            named = any(status[:1] == "4" or status == "DEFAULT" for status in one.place.responses())
            yield one.name, "" if named else "takes something and refuses nothing"


def _problems(_: Json, found: list[Operation]) -> Iterator[Finding]:
    for one in found:
        for status, response in one.place.responses().items():
            if status[:1] in "45" and (content := one.place.content(response)):
                good = set(content) == {"application/problem+json"}
                yield f"{one.name} {status}", "" if good else f"is {', '.join(sorted(content))}"


def _answers(document: Json, found: list[Operation]) -> Iterator[Finding]:
    for one in found:
        for status, response in one.place.responses().items():
            for media, body in one.place.content(response).items() if status[:1] == "2" else ():
                schema = resolve(document, body.get("schema"))
                says = set(schema) - {"title", "description"}
                empty = not says or (says <= {"type", "additionalProperties"} and schema.get("type") == "object")
                told = media not in {"application/json"} or not empty
                yield f"{one.name} {status}", "" if told else "may be anything"


def _bodiless(_: Json, found: list[Operation]) -> Iterator[Finding]:
    for one in found:
        for status, response in one.place.responses().items():
            if status in _BODILESS:
                yield f"{one.name} {status}", "has a body" if one.place.content(response) else ""


def _texts(document: Json, found: list[Operation]) -> Iterator[Finding]:
    for where, schema in _requested(document, found):
        if _is(schema, "string"):
            yield where, "" if _TEXT_BOUNDS & set(schema) else "may be of any length"


def _arrays(document: Json, found: list[Operation]) -> Iterator[Finding]:
    for where, schema in _requested(document, found):
        if _is(schema, "array"):
            yield where, "" if "maxItems" in schema else "may be of any length"


def _numbers(document: Json, found: list[Operation]) -> Iterator[Finding]:
    for one in found:
        for (kind, name), parameter in one.place.parameters().items():
            for schema in _options(document, parameter.get("schema"), set()) if kind == "query" else ():
                if _is(schema, "integer") or _is(schema, "number"):
                    bounded = all(any(word in schema for word in words) for words in _NUMBER_BOUNDS)
                    yield f"{one.name} {name}", "" if bounded else "has no bounds on both sides"


def _secured(_: Json, found: list[Operation]) -> Iterator[Finding]:
    for one in found:
        refuses = "401" in one.place.responses()
        asks = bool(one.place.security())
        login = not asks and "requestBody" in one.plain
        if refuses or asks:
            wrong = (
                "" if refuses and (asks or login) else "answers 401 to nobody in particular" if refuses else "never 401"
            )
            yield one.name, wrong


def _examples(document: Json, found: list[Operation]) -> Iterator[Finding]:
    components = resolve(document, document.get("components"))
    schemas = resolve(document, components.get("schemas"))
    plain = without_patterns(components)
    places, followed = [*_requested(document, found)], set[str]()
    for name in schemas:
        places += _inside(document, schemas[name], f"schema {name}", followed)
    seen = 0
    for where, schema in places:
        given = schema.get("examples", [schema["example"]] if "example" in schema else [])
        for example in given if isinstance(given, list) else []:
            seen += 1
            if seen > _MOST_EXAMPLES:
                return
            yield where, _unfit(plain, schema, example)


def _unfit(components: Json, schema: Json, example: object) -> str:
    whole = {**without_patterns(schema), "components": components}
    try:
        error = next(iter(jsonschema.Draft202012Validator(whole).iter_errors(example)), None)
    except Exception:  # noqa: BLE001 - a schema that can't be used is another rule's matter
        return ""
    return f"has an example that doesn't fit: {error.message[:100]}" if error is not None else ""


def _requested(document: Json, found: list[Operation]) -> Iterator[tuple[str, Json]]:
    """Every schema inside a request body, with where it is; one that several refer to is looked at once."""
    seen: set[str] = set()
    for one in found:
        for body in one.place.content(one.plain.get("requestBody")).values():
            yield from _inside(document, body.get("schema"), f"{one.name} body", seen)


def _inside(document: Json, raw: object, where: str, seen: set[str], depth: int = 0) -> Iterator[tuple[str, Json]]:
    if depth > _DEPTH:
        return
    for schema in _options(document, raw, seen):
        yield where, schema
        members = schema.get("properties")
        for name, member in members.items() if isinstance(members, dict) else ():
            yield from _inside(document, member, f"{where}.{name}", seen, depth + 1)
        if "items" in schema:
            yield from _inside(document, schema["items"], f"{where}[]", seen, depth + 1)


def _options(document: Json, raw: object, seen: set[str]) -> Iterator[Json]:
    """The schema itself, or the alternatives that it names; nothing for a reference that was followed before."""
    if _followed(raw, seen):
        return
    schema = resolve(document, raw)
    lists = [schema.get(word) for word in ("anyOf", "oneOf", "allOf")]
    named = [one for options in lists if isinstance(options, list) for one in options if isinstance(one, dict)]
    for one in named:
        if not _followed(one, seen):
            yield resolve(document, one)
    if not named and schema:
        yield schema


def _followed(raw: object, seen: set[str]) -> bool:
    target = raw.get("$ref") if isinstance(raw, dict) else None
    if not isinstance(target, str):
        return False
    known = target in seen
    seen.add(target)
    return known


def _is(schema: Json, kind: str) -> bool:
    said = schema.get("type")
    return said == kind or (isinstance(said, list) and kind in said)


Rule = Callable[[Json, list[Operation]], Iterator[Finding]]
RULES: tuple[tuple[str, str, Rule], ...] = (
    ("operation-ids", "each operation has an operationId that no other has", _ids),
    ("info", "title and version are its own", _info),
    ("summaries", "each operation has a summary or a description", _summaries),
    ("tags", "each operation has a tag", _tags),
    ("success", "each operation has an answer that is a success", _success),
    ("errors", "an operation that takes something names a 4xx", _errors),
    ("problems", "errors with a body are application/problem+json", _problems),
    ("answers", "JSON answers have a schema that says something", _answers),
    ("bodiless", "204, 205 and 304 have no body", _bodiless),
    ("texts", "texts in request bodies have a maxLength, pattern, enum, const or format", _texts),
    ("arrays", "arrays in request bodies have maxItems", _arrays),
    ("numbers", "numbers in the query have a minimum and a maximum", _numbers),
    ("security", "an operation with security names its 401, and the other way round", _secured),
    ("examples", "examples fit their schemas", _examples),
)
