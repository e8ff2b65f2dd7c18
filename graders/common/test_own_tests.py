"""Own tests: do they pass, what do they run, and do they notice when the service is wrong?

For challenges whose brief asks for tests: it has to say how they are run, since what needs more fails here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.authoring import Evidence, Fail, Inconclusive, Lifecycle, Partial, Question, check

_COVERED = 80.0
_NOTICED = 0.5
_PASSING = 0.4
_SHOWN = 8


@check(
    "own-tests",
    skill="craft",
    level="mid",
    visible=True,
    deadline_s=240,
    passed="The tests pass, run the service and notice faults",
    failed="The tests don't hold what tests are for",
    why="Tests are what lets the next engineer change something on a Friday: they have to run, reach the code and fail "
    "when it is wrong.",
    hint="Run pytest from the root with nothing but what is declared. Then break an answer on purpose (a wrong "
    "status, a missing member) and see whether a test fails.",
    question=Question(
        ask="How do you know that your tests would notice if this broke?",
        junior="Coverage is high.",
        senior="Has seen each fail once; asserts on what callers rely on, not on what is easy; keeps coverage as a "
        "sign of what is not tested, never as a goal.",
    ),
)
async def test_the_tests_pass_and_notice_faults(pod: Lifecycle, evidence: Evidence) -> None:
    """All pass, most of the service's statements run, and half of the faults put into answers make one fail."""
    told = await pod.own_tests()
    if not told["files"]:
        raise Fail("There are no tests", expected="files called test_*.py", actual="none")
    if not told["asked"]:
        raise Inconclusive("the tests were not run")
    faults = [fault for fault in told["faults"] if fault["outcome"] in ("noticed", "missed")]
    noticed = [fault for fault in faults if fault["outcome"] == "noticed"]
    evidence.number("passed", told["passed"])
    evidence.number("failed", told["failed"] + told["errors"])
    evidence.number("skipped", told["skipped"])
    if told["coverage"] is not None:
        evidence.number("statements run, %", told["coverage"])
    evidence.number("faults noticed", f"{len(noticed)} of {len(faults)}")
    _pass(told)
    share = len(noticed) / len(faults) if faults else None
    fraction = own_tests_fraction(told["coverage"], share)
    if fraction < 1:
        raise Partial(
            fraction,
            "The tests pass, and leave much unseen",
            expected=f"{_COVERED:.0f} % of the statements run, and half of the faults noticed",
            actual=f"{told['coverage'] or 0:.0f} % of the statements, {len(noticed)} of {len(faults)} faults",
        )


def _pass(told: Mapping[str, Any]) -> None:
    if not told["passed"] + told["failed"] + told["errors"]:
        raise Fail("No test could be run", expected="tests that pass", actual=told["problem"] or "all are skipped")
    if broken := told["failed"] + told["errors"]:
        named = [f"{one['id']}: {one['message'].strip()[:300]}" for one in told["failures"][:_SHOWN]]
        raise Fail(
            f"{broken} of the submission's own tests {'fails' if broken == 1 else 'fail'}",
            expected="all pass",
            actual="\n".join(named),
        )
    if told["problem"]:
        raise Fail("The submission's own tests don't end well", expected="all pass", actual=told["problem"])


def own_tests_fraction(coverage: float | None, noticed: float | None) -> float:
    """0.4 for passing, and 0.3 each for running the service and for noticing faults; 1 or at most 0.9.

    `coverage` in percent and `noticed` as a share are None where they can't be told, as for tests that start the
    service in a process of its own; what can't be told costs nothing.
    """
    run = 1.0 if coverage is None else min(1.0, coverage / _COVERED)
    seen = 1.0 if noticed is None else min(1.0, noticed / _NOTICED)
    fraction = _PASSING + 0.3 * run + 0.3 * seen
    return 1.0 if run == seen == 1.0 else min(0.9, round(fraction, 2))
