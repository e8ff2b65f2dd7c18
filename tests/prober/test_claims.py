"""Several claims of one check: what is told, and what it costs."""

from __future__ import annotations

import pytest

from harness.authoring import Claims, Fail, NoAnswer, Partial


def test_claims_that_all_hold_say_nothing() -> None:
    claims = Claims()
    claims.holds(True, "fine")
    claims.verdict("All")
    claims.fail("All")
    claims.partial("All")


def test_a_verdict_on_something_fatal_is_a_fail_and_tells_it_first() -> None:
    claims = Claims()
    claims.holds(True, "fine")
    claims.holds(False, "small")
    claims.holds(False, "grave", fatal=True)
    with pytest.raises(Fail) as caught:
        claims.verdict("Some", 0.5)
    assert not isinstance(caught.value, Partial)
    assert "2 of 3 claims don't hold: grave; small" in caught.value.summary


def test_a_verdict_on_small_things_is_worth_its_fraction() -> None:
    claims = Claims()
    claims.holds(False, "small")
    with pytest.raises(Partial) as caught:
        claims.verdict("Some", 0.5)
    assert caught.value.fraction == 0.5


def test_without_a_fraction_a_verdict_is_the_share_that_holds() -> None:
    claims = Claims()
    for number in range(4):
        claims.holds(number, f"claim {number}")
    with pytest.raises(Partial) as caught:
        claims.verdict("Some")
    assert caught.value.fraction == 0.75


def test_an_answer_that_never_came_is_fatal() -> None:
    claims = Claims()
    assert not claims.status(NoAnswer("GET /x isn't answered", actual="no answer within 25 s"), "GET", 200)
    with pytest.raises(Fail) as caught:
        claims.verdict("Calls", 0.5)
    assert caught.value.actual == "no answer within 25 s"
