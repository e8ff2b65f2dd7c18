"""Which checks are run once more, and which of their verdicts counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import pytest

from harness.attempts import doubtful, repeated, told, with_attempt
from harness.evidence import CheckFrame, Evidence, NotReady
from harness.plan import Plan
from harness.record import Outcome
from tests.core.records import result


@dataclass(frozen=True)
class Checks:
    """All of a plan that counts here."""

    checks: tuple[str, ...]


def plan(*ids: str) -> Plan:
    return cast(Plan, Checks(ids))


def evidence(**outcomes: Outcome) -> Evidence:
    return Evidence(frames={id_: CheckFrame(id=id_, outcome=outcome) for id_, outcome in outcomes.items()})


def test_what_was_lost_or_not_assessed_is_doubtful_and_what_was_blocked_is_not() -> None:
    found = evidence(a="pass", b="fail", c="partial", d="blocked", e="not_assessed", f="not_applicable")
    assert doubtful(plan(*"fedcba"), found) == ("e", "c", "b")


@pytest.mark.parametrize(
    "broken", [{"interrupted": "the engine is gone"}, {"not_ready": NotReady("never answered", "", "")}]
)
def test_a_run_that_was_not_whole_is_not_repeated(broken: dict[str, object]) -> None:
    found = evidence(a="fail")
    assert doubtful(plan("a"), Evidence(frames=found.frames, **broken)) == ()  # type: ignore[arg-type]


def test_the_first_verdict_counts() -> None:
    after = with_attempt(evidence(a="fail", b="pass"), evidence(a="pass"))
    assert {id_: frame.outcome for id_, frame in after.frames.items()} == {"a": "fail", "b": "pass"}
    assert after.attempts == {"a": ["fail", "pass"]}


def test_what_was_not_assessed_takes_the_first_verdict_that_there_is() -> None:
    after = with_attempt(with_attempt(evidence(a="not_assessed"), evidence(a="pass")), evidence(a="fail"))
    assert after.frames["a"].outcome == "pass"
    assert after.attempts == {"a": ["not_assessed", "pass", "fail"]}


def test_an_attempt_that_is_cut_short_ends_the_attempts_and_takes_nothing_away() -> None:
    asked = []

    def probe(part: Plan) -> Evidence:
        asked.append(part)
        return Evidence(interrupted="the engine is gone")

    before = evidence(a="fail")
    after = repeated(plan("a"), probe, before, 5)
    assert (len(asked), after.frames, after.attempts) == (1, before.frames, {})


def test_attempts_are_told_when_there_were_any() -> None:
    once, twice = result("a"), result("b", "fail").model_copy(update={"attempts": ["fail", "fail"]})
    other = result("c", "fail").model_copy(update={"attempts": ["fail", "pass"]})
    assert told([once]) == ""
    assert told([once, twice]) == "1 check run more than once, each ended alike"
    assert told([once, twice, other]) == "2 checks run more than once, not always alike: c"


def test_an_attempt_without_a_verdict_makes_nothing_unsteady() -> None:
    check = result("a").model_copy(update={"attempts": ["not_assessed", "pass"]})
    assert not check.unsteady
