"""The analysis document, as it comes out of either runtime."""

from __future__ import annotations

import json
from typing import Any

from harness.errors import HarnessFault


def analysis_document(output: bytes, errors: bytes) -> dict[str, Any]:
    """What the analysis printed.

    Raises:
        HarnessFault: no document; with the end of what went to stderr.
    """
    try:
        document = json.loads(output)
    except ValueError as error:
        detail = errors.decode("utf-8", "replace")[-2000:]
        raise HarnessFault("the analysis printed no document", detail=detail) from error
    if not isinstance(document, dict):
        raise HarnessFault("the analysis printed no document")
    return document
