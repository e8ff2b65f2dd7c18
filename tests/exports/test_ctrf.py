"""What CTRF's words mean here: `flaky`, `retries`, and times."""

from __future__ import annotations

import json
from typing import Any

import pytest

from harness.exports import FORMATS
from harness.record import GradeRecord
from tests.exports.catalogue import again
from tests.reporting import records


def results(record: GradeRecord) -> Any:
    return json.loads(FORMATS["ctrf"](record, ""))["results"]


def by_name(record: GradeRecord) -> dict[str, Any]:
    return {test["name"]: test for test in results(record)["tests"]}


def test_what_was_lost_and_then_passed_is_failed_and_not_flaky() -> None:
    test = by_name(again())["lost-then-passed"]
    assert (test["status"], test["retries"], test["flaky"]) == ("failed", 1, False)
    assert test["retryAttempts"] == [{"attempt": 2, "status": "passed"}]


def test_an_attempt_without_a_verdict_is_no_retry() -> None:
    told = by_name(again())
    assert told["lost-twice"]["retryAttempts"] == [{"attempt": 3, "status": "failed"}]
    assert [name for name in told if "retries" not in told[name]] == ["assessed-later", "never-assessed"]


def test_what_passed_first_is_not_flaky() -> None:
    assert by_name(again())["passed-then-lost"]["flaky"] is False


def test_what_passes_in_the_end_and_was_lost_before_is_flaky_and_counted() -> None:
    record = records.make_record([records.make_check("a", attempts=["fail", "pass"]), records.make_check("b")])
    assert by_name(record)["a"]["flaky"] is True
    assert results(record)["summary"]["flaky"] == 1


def test_what_our_side_spoilt_has_no_attempts_to_tell_of() -> None:
    record = again().model_copy(update={"gradable": False, "problem": records.engine_gone().problem})
    assert [test for test in results(record)["tests"] if "retries" in test or "flaky" in test] == []


def test_a_run_begins_when_the_grade_did_and_lasts_as_long() -> None:
    summary = results(records.typical())["summary"]
    begun = 1_772_633_002_000
    assert [summary[part] for part in ("start", "stop", "duration")] == [begun, begun + 63_900, 63_900]


@pytest.mark.parametrize(("stamp", "start"), [("1970-01-01T00:00:01", 1000), ("never", 0)])
def test_a_start_without_a_zone_is_utc_and_one_that_is_no_time_is_0(stamp: str, start: int) -> None:
    assert results(records.typical(started_at=stamp))["summary"]["start"] == start


def test_a_check_lasts_as_many_milliseconds_as_it_ran() -> None:
    told = by_name(records.typical())
    assert [told[name]["duration"] for name in ("create-user", "duplicate-email-race", "lint")] == [1240, 7900, 0]
