"""The rules of a good OpenAPI document: each holds for a good one and is broken by what it is about."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from graders.common.openapi_rules import RULES, judge, too_large
from graders.common.openapi_schema import without_patterns
from graders.common.openapi_valid import complaints

PROBLEM = {
    "description": "refused",
    "content": {
        "application/problem+json": {"schema": {"type": "object", "properties": {"title": {"type": "string"}}}}
    },
}
GOOD: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Things", "version": "1.0.0"},
    "paths": {
        "/things": {
            "get": {
                "operationId": "list",
                "summary": "All of them",
                "tags": ["things"],
                "security": [{"bearer": []}],
                "parameters": [
                    {"in": "query", "name": "limit", "schema": {"type": "integer", "minimum": 1, "maximum": 9}},
                ],
                "responses": {
                    "200": {
                        "description": "here",
                        "content": {
                            "application/json": {
                                "schema": {"type": "array", "items": {"$ref": "#/components/schemas/Thing"}}
                            }
                        },
                    },
                    "401": PROBLEM,
                },
            },
            "post": {
                "operationId": "add",
                "summary": "One more",
                "tags": ["things"],
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}},
                "responses": {"204": {"description": "done"}, "422": PROBLEM},
            },
        },
    },
    "components": {
        "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        "schemas": {
            "Thing": {
                "type": "object",
                "properties": {
                    "name": {"type": "string", "maxLength": 9, "examples": ["a"]},
                    "tags": {"type": "array", "maxItems": 3, "items": {"type": "string", "enum": ["x"]}},
                    "note": {"anyOf": [{"type": "string", "maxLength": 5}, {"type": "null"}]},
                },
            }
        },
    },
}
Change = Callable[[dict[str, Any]], object]


def broken(document: dict[str, Any]) -> set[str]:
    return {verdict.id for verdict in judge(document) if verdict.broken}


def test_a_good_document_holds_every_rule_and_each_has_something_to_look_at() -> None:
    assert broken(GOOD) == set()
    assert all(verdict.claims for verdict in judge(GOOD))
    assert complaints(GOOD) == []


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        ("operation-ids", lambda d: d["paths"]["/things"]["get"].update(operationId="add")),
        ("operation-ids", lambda d: d["paths"]["/things"]["get"].pop("operationId")),
        ("info", lambda d: d["info"].update(title="FastAPI")),
        ("info", lambda d: d["info"].update(version="0.1.0")),
        ("summaries", lambda d: d["paths"]["/things"]["get"].pop("summary")),
        ("tags", lambda d: d["paths"]["/things"]["get"].pop("tags")),
        ("success", lambda d: d["paths"]["/things"]["post"]["responses"].pop("204")),
        ("errors", lambda d: d["paths"]["/things"]["post"]["responses"].pop("422")),
        (
            "problems",
            lambda d: d["paths"]["/things"]["post"]["responses"].update(
                {"422": {"description": "", "content": {"application/json": {"schema": {"type": "object"}}}}}
            ),
        ),
        (
            "answers",
            lambda d: d["paths"]["/things"]["get"]["responses"]["200"]["content"].update(
                {"application/json": {"schema": {"title": "Anything"}}}
            ),
        ),
        (
            "answers",
            lambda d: d["paths"]["/things"]["get"]["responses"]["200"]["content"].update(
                {"application/json": {"schema": {"type": "object", "additionalProperties": True}}}
            ),
        ),
        (
            "bodiless",
            lambda d: d["paths"]["/things"]["post"]["responses"]["204"].update(
                content={"application/json": {"schema": {"type": "string"}}}
            ),
        ),
        ("texts", lambda d: d["components"]["schemas"]["Thing"]["properties"]["name"].pop("maxLength")),
        ("texts", lambda d: d["components"]["schemas"]["Thing"]["properties"]["note"]["anyOf"][0].pop("maxLength")),
        ("arrays", lambda d: d["components"]["schemas"]["Thing"]["properties"]["tags"].pop("maxItems")),
        ("numbers", lambda d: d["paths"]["/things"]["get"]["parameters"][0]["schema"].pop("maximum")),
        ("security", lambda d: d["paths"]["/things"]["get"]["responses"].pop("401")),
        ("security", lambda d: d["paths"]["/things"]["get"].pop("security")),
        ("examples", lambda d: d["components"]["schemas"]["Thing"]["properties"]["name"].update(examples=["x" * 10])),
    ],
)
def test_a_rule_is_broken_by_what_it_is_about_and_by_nothing_else(rule: str, change: Change) -> None:
    document = copy.deepcopy(GOOD)
    change(document)
    # Without its 401 the listing, which takes a parameter, refuses nothing either.
    assert broken(document) - ({"errors"} if rule == "security" else set()) == {rule}


def test_each_rule_has_a_name_of_its_own() -> None:
    assert len({rule[0] for rule in RULES}) == len(RULES) >= 12


def test_an_invalid_document_is_told_with_the_place() -> None:
    document = copy.deepcopy(GOOD)
    document["paths"]["/things"]["get"]["responses"]["200"].pop("description")
    assert any("paths" in complaint for complaint in complaints(document))


def test_a_reference_out_of_the_document_is_never_followed() -> None:
    document = copy.deepcopy(GOOD)
    document["components"]["schemas"]["Thing"] = {"$ref": "http://127.0.0.1:1/schema.json"}
    assert complaints(document) == ["$ref http://127.0.0.1:1/schema.json leads out of the document"]


@pytest.mark.parametrize("version", ["2.0", "4.0.0", None, 3])
def test_another_version_is_told(version: object) -> None:
    (complaint,) = complaints({**GOOD, "openapi": version})
    assert "neither 3.0 nor 3.1" in complaint


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"paths": []},
        {
            "paths": {
                "/x": None,
                "/y": {"get": []},
                "/z": {"get": {"responses": [], "parameters": {}, "requestBody": 1}},
            }
        },
        {"openapi": "3.1.0", "info": 1, "components": [], "paths": {"/z": {"get": {"responses": {"200": 1}}}}},
        {"paths": {"/z": {"post": {"requestBody": {"content": {"a/b": {"schema": {"anyOf": 5, "properties": []}}}}}}}},
    ],
)
def test_a_document_of_any_shape_is_judged(document: dict[str, Any]) -> None:
    judge(document)
    complaints(document)


def test_schemas_that_refer_to_each_other_in_every_way_are_looked_at_once() -> None:
    names = [f"S{number}" for number in range(60)]
    body = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/S0"}}}}
    document = {
        "paths": {"/x": {"post": {"requestBody": body, "responses": {}}}},
        "components": {
            "schemas": {
                name: {
                    "type": "object",
                    "properties": {other: {"$ref": f"#/components/schemas/{other}"} for other in names}
                    | {"text": {"type": "string"}},
                }
                for name in names
            }
        },
    }
    texts = next(verdict for verdict in judge(document) if verdict.id == "texts")
    assert 1 <= texts.claims <= len(names)


def test_a_pattern_that_is_made_to_run_for_ever_is_never_run() -> None:
    document = copy.deepcopy(GOOD)
    name = document["components"]["schemas"]["Thing"]["properties"]["name"]
    name |= {"pattern": "^(a+)+$", "maxLength": 99, "examples": ["a" * 60 + "!"], "default": "a" * 60 + "!"}
    name |= {"patternProperties": {"^(a+)+$": {"type": "string"}}}
    assert broken(document) == set()
    assert complaints(without_patterns(document)) == []


def test_a_member_that_is_called_pattern_stays() -> None:
    schema = {"properties": {"pattern": {"type": "string", "pattern": "a"}}}
    assert without_patterns(schema) == {"properties": {"pattern": {"type": "string"}}}


def test_a_document_that_no_tool_should_read_is_too_large() -> None:
    assert too_large(GOOD) == ""
    assert "values" in too_large({"paths": [0] * 60_000})
    assert "bytes" in too_large({"info": "x" * 2_000_000})
