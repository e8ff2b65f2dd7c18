"""Reply: a complete HTTP answer, read by somebody who doesn't trust it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NoReturn

import httpx

from harness.authoring.outcomes import Fail
from harness.authoring.transcript import Exchange

DEEPEST = 100
_SHOWN = 300
PROBLEM = "application/problem+json"


@dataclass(frozen=True)
class Reply:
    """`body` is as it came over the wire: nothing is ever decompressed."""

    status: int
    headers: httpx.Headers
    body: bytes
    elapsed_ms: float
    exchange: Exchange | None = field(default=None, repr=False, compare=False)

    @property
    def text(self) -> str:
        """The body as UTF-8; what is none becomes U+FFFD."""
        return self.body.decode("utf-8", "replace")

    @property
    def media_type(self) -> str:
        """The media type in lower case, without parameters."""
        return str(self.headers.get("content-type", "")).partition(";")[0].strip().lower()

    def json(self) -> Any:  # noqa: ANN401 - any JSON value
        """The body as JSON.

        Raises:
            Fail: it is none, or is nested more than 100 deep, or holds NaN, an infinity or an endless number.
        """
        try:
            value = json.loads(
                self.body.decode("utf-8"), parse_constant=_no_constant, parse_float=_finite, parse_int=_bounded
            )
        except RecursionError:
            self._no_json("nested without end")
        except UnicodeDecodeError:
            self._no_json("not UTF-8")
        except ValueError as error:
            self._no_json(str(error)[:200])
        if _deeper_than(value, DEEPEST):
            self._no_json(f"nested more than {DEEPEST} deep")
        return value

    def describe(self) -> str:
        """Status, media type and the start of the body, on one line."""
        text = " ".join(self.body[: 4 * _SHOWN].decode("utf-8", "replace").split())
        if len(text) > _SHOWN or len(self.body) > 4 * _SHOWN:
            text = text[:_SHOWN] + " ..."
        return " ".join(part for part in (str(self.status), self.media_type, text) if part)

    def expect_status(self, *codes: int) -> Reply:
        """This reply, when its status is one of `codes`.

        Raises:
            Fail: it isn't.
        """
        if self.status not in codes:
            asked = f"{self.exchange.method} {self.exchange.target}" if self.exchange else "The request"
            wanted = " or ".join(map(str, codes))
            self.fail(f"{asked[:200]} answers {self.status} instead of {wanted}", wanted)
        return self

    def expect_problem(self, status: int) -> dict[str, Any]:
        """The RFC 9457 problem of an error answer.

        Raises:
            Fail: the status, the media type or a member is wrong.
        """
        self.expect_status(status)
        wanted = f"{PROBLEM} with type, title, status {status} and detail"
        if self.media_type != PROBLEM:
            self.fail(f"A {status} is {self.media_type or 'of no media type'}, not {PROBLEM}", wanted)
        value = self.json()
        if not isinstance(value, dict):
            self.fail("A problem is not a JSON object", wanted)
        wrong = [name for name in ("type", "title", "detail") if not isinstance(value.get(name), str)]
        if wrong:
            self.fail(f"A problem lacks {' and '.join(wrong)}", wanted)
        if value.get("status") != status or isinstance(value.get("status"), bool):
            self.fail("A problem's status is not that of the answer", wanted)
        return value

    def fail(self, summary: str, expected: str = "") -> NoReturn:
        """End the check, with this answer as the proof."""
        raise Fail(summary, expected=expected, actual=self.describe()).about(self.exchange)

    def _no_json(self, why: str) -> NoReturn:
        self.fail(f"An answer is not JSON: {why}", "a JSON document")


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def _finite(text: str) -> float:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise ValueError("a number too large for anybody")
    return value


def _bounded(text: str) -> int:
    if len(text) > 400:
        raise ValueError("a number of more than 400 digits")
    return int(text)


def _deeper_than(value: object, most: int) -> bool:
    """Whether arrays and objects are nested more than `most` deep. Level by level, since it may be very deep."""
    level: list[object] = [value]
    for _ in range(most + 1):
        level = [child for item in level for child in _children(item)]
        if not level:
            return False
    return True


def _children(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()
