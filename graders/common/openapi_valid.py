"""Validity of an OpenAPI document (OpenAPI 3.0 and 3.1), as openapi-spec-validator has it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from .openapi_schema import Json

_MOST = 10
_MESSAGE = 200


def complaints(document: Json) -> list[str]:
    """What makes it invalid, at most ten things. Nothing is fetched: references that lead elsewhere are a complaint."""
    if elsewhere := sorted(set(islice(_elsewhere(document), _MOST))):
        return [f"$ref {target[:_MESSAGE]} leads out of the document" for target in elsewhere]
    # It costs a while to load, and no other check needs it.
    from openapi_spec_validator import OpenAPIV30SpecValidator, OpenAPIV31SpecValidator  # noqa: PLC0415

    version = str(document.get("openapi"))
    if not version.startswith(("3.0", "3.1")):
        return [f"openapi is {version[:20]!r}, neither 3.0 nor 3.1"]
    validator = OpenAPIV30SpecValidator if version.startswith("3.0") else OpenAPIV31SpecValidator
    found = []
    try:
        for error in islice(validator(document).iter_errors(), _MOST):
            where = "/".join(str(part) for part in error.absolute_path)
            found.append(f"{where[:_MESSAGE]}: {' '.join(str(error.message).split())[:_MESSAGE]}")
    except RecursionError:
        found.append("it refers to itself without end")
    except Exception as error:  # noqa: BLE001 - what the validator can't take is no document for other tools either
        found.append(f"it can't be validated: {' '.join(str(error).split())[:_MESSAGE] or type(error).__name__}")
    return found


def _elsewhere(node: object) -> Iterator[str]:
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            target = one.get("$ref")
            if isinstance(target, str) and not target.startswith("#"):
                yield target
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)
