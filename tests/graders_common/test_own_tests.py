"""What tests are worth, of what is known of a run of them."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from typing import Any

import pytest

from graders.common.test_own_tests import own_tests_fraction
from graders.common.test_own_tests import test_the_tests_pass_and_notice_faults as judge
from harness.authoring import Evidence, Fail, Inconclusive, Lifecycle, Partial

GOOD: dict[str, Any] = {
    "files": 2,
    "asked": True,
    "problem": "",
    "passed": 9,
    "failed": 0,
    "errors": 0,
    "skipped": 0,
    "coverage": 91.0,
    "failures": [],
    "faults": [{"outcome": outcome} for outcome in ("noticed", "missed", "unmet", "untried")],
}


class Host:
    """Answers any request with one value."""

    def __init__(self, value: dict[str, Any]) -> None:
        self._answer = {"ok": True, "value": value}

    def request(self, op: str, target: str, args: object) -> Future[dict[str, Any]]:
        assert (op, target) == ("own_tests", "candidate")
        future: Future[dict[str, Any]] = Future()
        future.set_result(self._answer)
        return future


def judged(**differently: object) -> None:
    pod = Lifecycle(Host({**GOOD, **differently}), "http://127.0.0.1:1")
    asyncio.run(judge(pod, Evidence()))


def test_tests_that_pass_run_the_service_and_notice_half_of_the_faults_are_whole() -> None:
    judged()


@pytest.mark.parametrize(
    ("differently", "said"),
    [
        ({"files": 0, "asked": False}, "There are no tests"),
        ({"passed": 0, "skipped": 3}, "No test could be run"),
        ({"passed": 0, "problem": "ImportError: app"}, "No test could be run"),
        ({"failed": 1, "failures": [{"id": "t::a", "message": "boom"}]}, "1 of the submission's own tests fails"),
        ({"problem": "they were stopped after 90 s"}, "don't end well"),
    ],
)
def test_tests_that_say_nothing_good_fail(differently: dict[str, Any], said: str) -> None:
    with pytest.raises(Fail, match=said):
        judged(**differently)


def test_tests_that_nobody_asked_for_are_not_judged() -> None:
    with pytest.raises(Inconclusive):
        judged(asked=False)


@pytest.mark.parametrize("differently", [{"coverage": 40.0}, {"faults": [{"outcome": "missed"}] * 3}])
def test_tests_that_see_little_are_worth_a_part(differently: dict[str, Any]) -> None:
    with pytest.raises(Partial):
        judged(**differently)


@pytest.mark.parametrize(
    ("coverage", "noticed", "fraction"),
    [(80.0, 0.5, 1.0), (None, None, 1.0), (79.9, 1.0, 0.9), (40.0, 0.5, 0.85), (0.0, 0.0, 0.4), (None, 0.0, 0.7)],
)
def test_what_cannot_be_told_costs_nothing(coverage: float | None, noticed: float | None, fraction: float) -> None:
    assert own_tests_fraction(coverage, noticed) == fraction
