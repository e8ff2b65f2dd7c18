"""`takehome schema`: the JSON Schema of result.json."""

from __future__ import annotations

import json

import typer

from harness.record import SCHEMA_VERSION, GradeRecord


def schema_command() -> int:
    """Print the JSON Schema (2020-12) of result.json."""
    schema = GradeRecord.model_json_schema(mode="serialization")
    document = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:takehome:result:{SCHEMA_VERSION}",
        **schema,
    }
    typer.echo(json.dumps(document, indent=2))
    return 0
