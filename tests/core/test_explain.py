"""What was noticed in the code, beside what the checks have shown."""

from __future__ import annotations

from typing import Any

import pytest

from harness.evidence import CheckMeta
from harness.explain import explained, signals_of, sources_of
from harness.record import CheckResult, CodeRef, EvidenceItems, Outcome

PLACES = [{"path": "app/a.py", "line": line, "message": "it blocks"} for line in range(1, 6)]
BLOCKING = {"id": "blocking-call", "good": False, "title": "It blocks", "count": 5, "places": PLACES}
LIFESPAN = {"id": "lifespan", "good": True, "title": "One lifespan", "count": 5, "places": PLACES}


def result(outcome: Outcome, code: list[CodeRef] | None = None) -> CheckResult:
    return CheckResult(
        id="loop",
        skill="async",
        tier="must",
        level="senior",
        outcome=outcome,
        points=0,
        max_points=5,
        title="t",
        summary="s",
        evidence=EvidenceItems(code=code or []),
    )


def meta(*explained_by: str) -> dict[str, CheckMeta]:
    return {
        "loop": CheckMeta(
            id="loop", skill="async", level="senior", passed="p", failed="f", explained_by=list(explained_by)
        )
    }


def lines(found: list[CheckResult]) -> list[int]:
    return [place.line for place in found[0].evidence.code]


def test_a_lost_check_points_to_the_first_lines_of_what_may_explain_it() -> None:
    signals = signals_of({"signals": [BLOCKING]})
    assert lines(explained([result("fail")], signals, meta("blocking-call"))) == [1, 2, 3]


@pytest.mark.parametrize("outcome", ["pass", "blocked", "not_assessed"])
def test_what_is_not_lost_needs_no_explanation(outcome: Outcome) -> None:
    assert lines(explained([result(outcome)], signals_of({"signals": [BLOCKING]}), meta("blocking-call"))) == []


def test_a_signal_that_the_check_does_not_name_explains_nothing() -> None:
    assert lines(explained([result("fail")], signals_of({"signals": [BLOCKING]}), meta("per-request"))) == []


def test_a_good_habit_explains_no_failure() -> None:
    assert lines(explained([result("fail")], signals_of({"signals": [LIFESPAN]}), meta("lifespan"))) == []


def test_places_that_the_check_has_found_itself_stay() -> None:
    own = [CodeRef(path="app/b.py", line=7, message="here")]
    assert lines(explained([result("fail", own)], signals_of({"signals": [BLOCKING]}), meta("blocking-call"))) == [7]


def test_no_point_is_changed() -> None:
    before = [result("partial")]
    after = explained(before, signals_of({"signals": [BLOCKING]}), meta("blocking-call"))
    assert [(r.points, r.max_points, r.outcome) for r in after] == [(r.points, r.max_points, r.outcome) for r in before]


@pytest.mark.parametrize(
    "static", [None, {}, {"signals": None}, {"signals": "x"}, {"signals": [1, {"id": 2}, {**BLOCKING, "count": -1}]}]
)
def test_what_is_no_signal_is_left_out(static: dict[str, Any] | None) -> None:
    assert signals_of(static) == []


def test_sources_that_are_none_are_left_out_and_there_is_an_end_to_them() -> None:
    good = {"path": "app/a.py", "text": "x" * 150_000, "types": "."}
    found = sources_of({"sources": [good, {"path": 1}, good, good, good]})
    assert [len(file.text) for file in found] == [150_000, 150_000]
