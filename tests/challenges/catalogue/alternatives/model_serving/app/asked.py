"""Asked: what a client sends, read from bytes without trusting any of it."""

import json
import math
from dataclasses import dataclass

import digit_model
import numpy as np
import numpy.typing as npt

from app.errors import Refused
from app.limits import FEATURES, HIGHEST, LOWEST

Rows = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Asked:
    """Valid rows, and the version that shall read them."""

    rows: Rows
    version: str


def read_asked(raw: bytes, most_rows: int) -> Asked:
    """Read a body.

    Raises:
        Refused: it breaks a rule (400, 413, 422), or names a version that doesn't exist (404).
    """
    body = _object(raw)
    if unknown := set(body) - {"inputs", "version"}:
        raise Refused(422, f"unknown members: {', '.join(sorted(unknown))[:200]}")
    version = body.get("version")
    if version is not None and not isinstance(version, str):
        raise Refused(422, "version is no text")
    rows = _rows(body.get("inputs"), most_rows)
    if version is not None and version not in digit_model.versions():
        raise Refused(404, "there is no such version")
    return Asked(rows, version or digit_model.versions()[-1])


def _object(raw: bytes) -> dict[str, object]:
    try:
        value: object = json.loads(raw.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise Refused(400, "the body is no JSON") from error
    if not isinstance(value, dict):
        raise Refused(422, "the body is no object")
    return value


def _rows(inputs: object, most: int) -> Rows:
    if not isinstance(inputs, list) or not inputs:
        raise Refused(422, "inputs is no array of rows")
    if len(inputs) > most:
        raise Refused(413, f"more than {most} rows")
    rows = np.empty((len(inputs), FEATURES))
    for number, row in enumerate(inputs):
        if not isinstance(row, list) or len(row) != FEATURES:
            raise Refused(422, f"row {number} is no array of {FEATURES} numbers")
        for at, value in enumerate(row):
            rows[number, at] = _number(value, number)
    return rows


def _number(value: object, row: int) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Refused(422, f"row {row} holds something that is no number")
    # Before it becomes a float: an integer may be too long for one.
    if isinstance(value, float) and not math.isfinite(value):
        raise Refused(422, f"row {row} holds a number that is not finite")
    if not LOWEST <= value <= HIGHEST:
        raise Refused(422, f"row {row} holds a number that is not from 0 to 16")
    return float(value)
