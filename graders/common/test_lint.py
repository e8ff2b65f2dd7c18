"""Lint: what ruff finds, by how much it matters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.authoring import Evidence, Fail, Lifecycle, Partial, Question, check

from .static import enough_code, part, show

_PASS = 1.0
_FAIL = 8.0
# Few findings and one of them severe, such as a call that blocks the event loop: nearly there, and not there.
_ALMOST = 0.9
_ORDER = ("async", "security", "correctness", "style")


@check(
    "lint",
    skill="craft",
    level="junior",
    after=("create-user",),
    visible=True,
    deadline_s=360,
    passed="The linter has next to nothing to say",
    failed="The linter finds mistakes that it would have told the author about",
    why="A linter costs a minute to set up and finds blocking calls, swallowed errors and unsafe calls "
    "before a reviewer does.",
    hint="Run ruff check with ASYNC, B, S and BLE selected, and begin with what it says about async functions.",
    question=Question(
        ask="Which of the linter's findings here would you fix first, and is there one that you'd leave?",
        junior="Fixes them in order, or turns the rule off.",
        senior="Takes what breaks at run time first (blocking calls, swallowed exceptions), and gives the reason "
        "beside each exception that stays.",
    ),
)
async def test_the_linter_has_little_to_say(pod: Lifecycle, evidence: Evidence) -> None:
    """Weighted findings per 100 lines are few, and none is severe."""
    document = await pod.static()
    lint = part(document, "lint")
    rate, groups = float(lint["per_100_lines"]), lint["by_group"]
    for name in _ORDER:
        evidence.number(f"{name} findings", groups.get(name, 0))
    evidence.number("severe findings", lint["severe"])
    evidence.number("weighted findings per 100 lines", rate)
    evidence.number("suppressions", lint["suppressions"])
    show(evidence, sorted(lint["findings"], key=_weight))
    enough_code(document)
    fraction = lint_fraction(rate, lint["severe"])
    if fraction == 1:
        return
    told = {
        "expected": f"at most {_PASS:g} weighted finding per 100 lines, none severe (async code, eval, a shell, ...)",
        "actual": f"{rate:.1f} per 100 lines: "
        + (", ".join(f"{groups[name]} {name}" for name in _ORDER if groups.get(name)) or "no findings"),
    }
    if fraction == 0:
        raise Fail("The linter finds a lot", **told)
    raise Partial(fraction, "The linter finds some mistakes", **told)


def lint_fraction(per_100_lines: float, severe: int) -> float:
    """The share of the points: all up to 1 weighted finding per 100 lines and no severe one, none from 8 on."""
    fraction = min(1.0, max(0.0, (_FAIL - per_100_lines) / (_FAIL - _PASS)))
    return min(fraction, _ALMOST) if severe else fraction


def _weight(place: Mapping[str, Any]) -> int:
    group = place.get("group")
    return _ORDER.index(group) if group in _ORDER else len(_ORDER)
