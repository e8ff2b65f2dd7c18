"""CTRF by the schema that CTRF publishes: in its package on npm, by digest, so that it is always the same one."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from base64 import b64decode
from typing import Any

import httpx
import jsonschema
import pytest

from harness.exports import FORMATS
from tests.exports.catalogue import ALL

PACKAGE = "https://registry.npmjs.org/ctrf/-/ctrf-0.3.0.tgz"
SHA512 = "2luVgKCF/A/pgMKY54AUdicCNbU+Hy3Bl+xwcp98inASt/0fnoNC/A4Bwh/GO47cIuD5c7SS3MY/DY42dPf4zQ=="
MEMBER = "package/dist/ctrf-schema-0.0.json"
DEADLINE_S = 30.0


@pytest.fixture(scope="module")
def published() -> Any:
    """The validator of the published schema; skips where the registry can't be reached."""
    try:
        reply = httpx.get(PACKAGE, timeout=DEADLINE_S, follow_redirects=True)
        reply.raise_for_status()
    except httpx.HTTPError as error:
        pytest.skip(f"npm's registry can't be reached, and with it the published schema of CTRF: {error!r}")
    assert hashlib.sha512(reply.content).digest() == b64decode(SHA512)
    with tarfile.open(fileobj=io.BytesIO(reply.content)) as package:
        member = package.extractfile(MEMBER)
        assert member is not None
        schema = json.load(member)
    kind = jsonschema.validators.validator_for(schema)
    kind.check_schema(schema)
    return kind(schema)


@pytest.mark.parametrize("name", ALL)
def test_each_report_fits_the_published_schema(name: str, published: Any) -> None:
    document = json.loads(FORMATS["ctrf"](ALL[name](), ""))
    assert [error.message for error in published.iter_errors(document)] == []


def test_the_published_schema_refuses_what_is_none(published: Any) -> None:
    document = json.loads(FORMATS["ctrf"](next(iter(ALL.values()))(), ""))
    document["results"]["tests"] = [{"name": "x", "status": "won", "duration": 1}]
    assert not published.is_valid(document)
