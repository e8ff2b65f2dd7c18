"""Types: are they there, do they say something, and does mypy believe them?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import zip_longest
from typing import Any

from harness.authoring import Evidence, Fail, Lifecycle, Partial, Question, check

from .static import enough_code, part, show

_PASS = 0.95
_FAIL = 0.5
_WORST_PER_100 = 8.0
# mypy finds next to nothing in code that says nothing, so what it finds is worth what it could see.
_SEEN = 0.9


@check(
    "types",
    skill="types",
    level="mid",
    after=("create-user",),
    visible=True,
    deadline_s=360,
    passed="Types are complete and hold under mypy --strict",
    failed="Types are missing, empty or wrong",
    why="Types are what the next reader and the editor know of the code; FastAPI and pydantic make the "
    "interface of them.",
    hint="Run mypy --strict. Annotate results as well as parameters, and name what is in a dict with a model.",
    question=Question(
        ask="Where does your code meet data whose type it can't know, and what do you do there?",
        junior="Annotates it as Any or dict, or silences the checker.",
        senior="Parses it into a model once, at the edge; inside, the types are known. Where a library has none, wraps "
        "it in one place.",
    ),
)
async def test_types_are_complete_and_hold(pod: Lifecycle, evidence: Evidence) -> None:
    """Parameters and results are annotated with something other than Any, and mypy --strict agrees."""
    document = await pod.static()
    types = part(document, "types")
    annotated, not_any = part(types, "annotated"), part(types, "not_any")
    strict, suppressions = part(types, "strict"), part(types, "suppressions")
    score = types_score(annotated["share"], not_any["share"], strict["per_100_lines"])
    for name, value in (
        ("parameters and results", annotated["parameters"]),
        ("annotated", annotated["share"]),
        ("not Any", not_any["share"]),
        ("mypy --strict errors", strict["errors"]),
        ("errors per 100 lines", strict["per_100_lines"]),
        ("lines kept from mypy", strict["unchecked_lines"]),
        ("suppressions", suppressions["count"]),
        ("score", round(score, 3)),
    ):
        evidence.number(name, value)
    show(
        evidence, list(_taking_turns(strict["findings"], not_any["any"], annotated["missing"], suppressions["places"]))
    )
    enough_code(document)
    if score >= _PASS:
        return
    told = {
        "expected": f"a score of {_PASS}: everything annotated, nothing as Any, no error of mypy --strict",
        "actual": f"{score:.2f}: {annotated['share']:.0%} annotated, {not_any['share']:.0%} of that not Any, "
        f"{strict['errors']} errors ({strict['per_100_lines']:.1f} per 100 lines), "
        f"{suppressions['count']} suppressions",
    }
    if score < _FAIL:
        raise Fail("Types say little about the code", **told)
    raise Partial((score - _FAIL) / (_PASS - _FAIL), "Types are there, with gaps", **told)


def types_score(annotated: float, not_any: float, errors_per_100: float) -> float:
    """0 to 1, of shares from 0 to 1 and mypy's errors per 100 lines of code."""
    strict = max(0.0, 1 - errors_per_100 / _WORST_PER_100)
    return 0.40 * annotated + 0.25 * not_any + 0.35 * strict * min(1.0, annotated * not_any / _SEEN)


def _taking_turns(*lists: list[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """One of each kind after the other, so that no kind crowds out the rest."""
    for places in zip_longest(*lists):
        yield from (place for place in places if place is not None)
