"""What the comparison of two OpenAPI documents finds, and what it lets pass."""

from __future__ import annotations

import json
from typing import Any

import pytest

from graders.common.openapi_diff import Diff, compare

THING: dict[str, Any] = {
    "type": "object",
    "required": ["id", "tags"],
    "properties": {
        "id": {"type": "string", "format": "uuid"},
        "note": {"type": ["string", "null"]},
        "tags": {"type": "array", "items": {"type": "string"}},
    },
}
PROBLEM = {"application/problem+json": {"schema": {"type": "object"}}}
CONTRACT: dict[str, Any] = {
    "openapi": "3.1.0",
    "paths": {
        "/v1/things/{id}": {
            "parameters": [{"in": "path", "name": "id", "required": True, "schema": {"type": "string"}}],
            "get": {
                "security": [{"bearer": []}],
                "parameters": [{"in": "header", "name": "If-None-Match", "schema": {"type": "string"}}],
                "responses": {
                    "200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}},
                    "404": {"content": PROBLEM},
                },
            },
        },
        "/v1/things": {
            "post": {
                "security": [],
                "requestBody": {
                    "content": {
                        "application/json": {
                            "schema": {
                                "type": "object",
                                "required": ["size"],
                                "properties": {"size": {"type": "integer"}, "note": {"type": ["string", "null"]}},
                            }
                        }
                    }
                },
                "responses": {"201": {"content": {"application/json": {"schema": THING}}}},
            }
        },
    },
    "components": {
        "schemas": {"Thing": THING},
        "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
    },
}


def copy_of_the_contract() -> dict[str, Any]:
    """With nothing shared between its parts."""
    made: dict[str, Any] = json.loads(json.dumps(CONTRACT))
    return made


def without(*keys: str) -> dict[str, Any]:
    """The contract's own document, less what the keys lead to."""
    served = copy_of_the_contract()
    owner = served
    for key in keys[:-1]:
        owner = owner[key]
    del owner[keys[-1]]
    return served


def gaps(served: dict[str, Any]) -> list[str]:
    return [str(gap) for gap in compare(CONTRACT, served).gaps]


def test_a_document_holds_itself() -> None:
    diff = compare(CONTRACT, CONTRACT)
    assert diff.gaps == []
    assert diff.claims > 15
    assert diff.share == 1.0


def test_a_missing_operation_is_named_once_and_counts_for_all_that_hangs_on_it() -> None:
    diff = compare(CONTRACT, without("paths", "/v1/things/{id}", "get"))
    assert [str(gap) for gap in diff.gaps] == ["GET /v1/things/{id}: the operation is missing"]
    assert diff.claims == compare(CONTRACT, CONTRACT).claims
    assert diff.implied > 5
    assert diff.share < 0.8


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (("paths", "/v1/things/{id}", "get", "parameters"), "header parameter If-None-Match: it is missing"),
        (("paths", "/v1/things/{id}", "get", "responses", "404"), "404: the status is not documented"),
        (("paths", "/v1/things/{id}", "get", "responses", "404", "content"), "404: no application/problem+json"),
        (("paths", "/v1/things/{id}", "get", "security"), "no security by bearer token"),
        (("components", "schemas", "Thing", "properties", "note"), "200, member note: it is missing"),
        (("components", "securitySchemes", "bearer"), "no security by bearer token"),
    ],
)
def test_what_is_missing_is_named(keys: tuple[str, ...], expected: str) -> None:
    found = gaps(without(*keys))
    assert len(found) == 1
    assert found[0].startswith("GET /v1/things/{id}")
    assert found[0].endswith(expected)


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "integer"}, ["type is integer, should be string"]),
        ({}, ["type is not said, should be string"]),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, ["type is null or string, should be string"]),
        ({"allOf": [{"$ref": "#/components/schemas/Id"}]}, []),
        ({"enum": ["a", "b"]}, []),
    ],
)
def test_the_type_of_an_answer_is_taken_exactly(schema: dict[str, Any], expected: list[str]) -> None:
    served = copy_of_the_contract()
    served["components"]["schemas"]["Thing"] = {**THING, "properties": {**THING["properties"], "id": schema}}
    served["components"]["schemas"]["Id"] = {"type": "string"}
    assert gaps(served) == [f"GET /v1/things/{{id}}, 200, member id: {text}" for text in expected]


@pytest.mark.parametrize(
    ("size", "required", "expected"),
    [
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, ["size"], []),
        ({"type": "integer"}, [], ["POST /v1/things, request body, member size: it is not required"]),
        (
            {"type": "string"},
            ["size"],
            ["POST /v1/things, request body, member size: type is string, should be integer"],
        ),
    ],
)
def test_a_request_may_allow_more_than_the_contract_but_not_something_else(
    size: dict[str, Any], required: list[str], expected: list[str]
) -> None:
    served = copy_of_the_contract()
    body = served["paths"]["/v1/things"]["post"]["requestBody"]["content"]["application/json"]
    body["schema"] = {**body["schema"], "required": required}
    body["schema"]["properties"] = {**body["schema"]["properties"], "size": size}
    assert gaps(served) == expected


def test_names_of_path_parameters_and_the_notation_of_3_0_make_no_difference() -> None:
    served = copy_of_the_contract()
    served["paths"]["/v1/things/{thing_id}"] = served["paths"].pop("/v1/things/{id}")
    served["components"]["schemas"]["Thing"] = {
        **THING,
        "properties": {**THING["properties"], "note": {"type": "string", "nullable": True}},
    }
    assert gaps(served) == []


def test_a_range_or_a_default_documents_an_error_but_not_a_success() -> None:
    served = copy_of_the_contract()
    responses = served["paths"]["/v1/things/{id}"]["get"]["responses"]
    responses["4XX"] = responses.pop("404")
    assert gaps(served) == []
    responses["default"] = responses.pop("4XX")
    assert gaps(served) == []
    responses["default"] = responses.pop("200")
    assert "GET /v1/things/{id}, 200: the status is not documented" in gaps(served)


def test_a_public_operation_that_asks_for_a_token_is_a_gap() -> None:
    served = copy_of_the_contract()
    del served["paths"]["/v1/things"]["post"]["security"]
    served["security"] = [{"bearer": []}]
    assert gaps(served) == ["POST /v1/things: it is public, yet documented as needing a token"]


def test_a_schema_that_refers_to_itself_without_end_is_read_to_an_end() -> None:
    served = copy_of_the_contract()
    served["components"]["schemas"]["Thing"] = {"allOf": [{"$ref": "#/components/schemas/Thing"}] * 40}
    assert "GET /v1/things/{id}, 200: type is not said, should be object" in gaps(served)


@pytest.mark.parametrize(
    "served",
    [
        {},
        {"paths": None},
        {"paths": {"/v1/things": {"post": {"responses": [], "parameters": 5, "requestBody": "x"}}}},
        {"paths": {"/v1/things": {"$ref": "#/paths/~1v1~1things"}}},
        {
            "paths": CONTRACT["paths"],
            "components": {"schemas": {"Thing": {"allOf": [{"$ref": "#/components/schemas/Thing"}] * 2}}},
        },
    ],
)
def test_a_document_that_is_nonsense_is_compared_all_the_same(served: dict[str, Any]) -> None:
    diff: Diff = compare(CONTRACT, served)
    assert diff.gaps
    assert 0 <= diff.share < 1
