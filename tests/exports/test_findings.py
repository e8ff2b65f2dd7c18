"""What formats that comment on code are told: how bad each loss is, where, and how it is known again."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from harness.exports import FORMATS
from harness.exports.findings import findings
from harness.record import CheckResult, CodeRef, EvidenceItems, GradeRecord, Outcome, SourceFile, SubmissionRef, Tier
from tests.exports.catalogue import many
from tests.reporting import records


def lost(name: str, places: int, tier: Tier = "must") -> CheckResult:
    code = [CodeRef(path="a.py", line=line, message="m") for line in range(1, places + 1)]
    return records.make_check(name, "fail", tier=tier, points=0.01, evidence=EvidenceItems(code=code))


@pytest.mark.parametrize(
    ("tier", "outcome", "level", "severity"),
    [
        ("must", "fail", "error", "critical"),
        ("must", "partial", "warning", "major"),
        ("should", "fail", "warning", "major"),
        ("should", "partial", "note", "minor"),
        ("bonus", "fail", "note", "minor"),
        ("bonus", "partial", "note", "minor"),
    ],
)
def test_how_bad_a_loss_is_follows_from_its_tier_and_one_in_part_is_a_rank_lower(
    tier: Tier, outcome: Outcome, level: str, severity: str
) -> None:
    record = records.make_record([records.make_check("a", outcome, tier=tier)])
    assert json.loads(FORMATS["sarif"](record, ""))["runs"][0]["results"][0]["level"] == level
    assert json.loads(FORMATS["gitlab"](record, ""))[0]["severity"] == severity
    command = "notice" if level == "note" else level
    assert FORMATS["github-annotations"](record, "").startswith(f"::{command} ")


def test_a_submission_that_can_not_be_graded_blocks_a_merge() -> None:
    assert json.loads(FORMATS["gitlab"](records.never_started(), ""))[0]["severity"] == "blocker"


def marks(*code: CodeRef, text: str = "one\ntwo") -> list[str]:
    """The fingerprints of what is found at these places."""
    sources = [SourceFile(path=path, text=text, types="") for path in ("a.py", "b.py")]
    check = records.make_check("x", "fail", evidence=EvidenceItems(code=list(code)))
    record = records.make_record([check], sources=sources)
    return [issue["fingerprint"] for issue in json.loads(FORMATS["gitlab"](record, ""))]


def at(line: int, path: str = "a.py", rule: str = "") -> CodeRef:
    return CodeRef(path=path, line=line, message="m", rule=rule)


def test_a_fingerprint_stays_when_the_line_moves_and_changes_when_it_is_written_anew() -> None:
    assert marks(at(2)) == marks(at(3), text="zero\none\ntwo")
    assert marks(at(2)) != marks(at(2), text="one\nTWO")


def test_a_fingerprint_is_of_the_file_and_of_the_rule_as_well() -> None:
    assert marks(at(2)) != marks(at(2, path="b.py"))
    assert marks(at(2)) != marks(at(2, rule="E1"))


def test_the_same_line_twice_has_two_fingerprints() -> None:
    first, second = marks(at(1), at(2), text="one\none")
    assert (first[:-2], first[-2:], second[-2:]) == (second[:-2], ":1", ":2")


def test_sarif_and_gitlab_know_a_result_by_the_same_fingerprint() -> None:
    results = json.loads(FORMATS["sarif"](records.typical(), ""))["runs"][0]["results"]
    issues = json.loads(FORMATS["gitlab"](records.typical(), ""))
    ours = [result["partialFingerprints"] for result in results]
    assert ours == [{"takehome/v1": issue["fingerprint"]} for issue in issues]


def shown(record: GradeRecord) -> Counter[str]:
    """How many places of each check are told."""
    return Counter(finding.rule.id for finding in findings(record).shown)


def test_each_checks_first_place_is_told_before_any_checks_second() -> None:
    told = shown(records.make_record([lost(f"c{n}", 50) for n in range(101)] + [lost("last", 1, "bonus")]))
    assert (sum(told.values()), told["last"]) == (5000, 1)
    assert set(told.values()) == {1, 49, 50}


def test_of_more_checks_than_can_be_told_the_worst_are() -> None:
    told = shown(records.make_record([lost("bonus", 2, "bonus"), *(lost(f"c{n}", 1) for n in range(5000))]))
    assert (len(told), "bonus" in told) == (5000, False)


def test_what_is_told_stays_in_the_order_of_the_checks() -> None:
    places = [(finding.rule.id, finding.nth) for finding in findings(many()).shown]
    assert places == sorted(places, key=lambda place: (int(place[0][1:]), place[1]))


def test_all_that_is_left_out_is_counted() -> None:
    found = findings(many())
    assert (len(found.shown), found.counts, found.left_out) == (5000, {"error": 400 * 399}, 400 * 399 - 5000)


def test_sarif_says_how_much_is_left_out() -> None:
    (invocation,) = json.loads(FORMATS["sarif"](many(), ""))["runs"][0]["invocations"]
    (note,) = invocation["toolExecutionNotifications"]
    assert (note["level"], note["message"]["text"]) == ("note", "154600 more findings left out: result.json has all")
    assert invocation["executionSuccessful"] is True


def test_sarif_says_nothing_of_the_sort_where_all_is_told() -> None:
    (invocation,) = json.loads(FORMATS["sarif"](records.typical(), ""))["runs"][0]["invocations"]
    assert invocation == {"executionSuccessful": True}


def test_a_place_outside_the_submission_is_not_counted_either() -> None:
    evidence = EvidenceItems(code=[at(1), at(1, path="../a.py"), at(1, path="a  b.py")])
    record = records.make_record([records.make_check("x", "fail", evidence=evidence)])
    assert (len(findings(record).shown), findings(record).counts) == (1, {"warning": 1})


@pytest.mark.parametrize(
    ("files", "home"),
    [
        (["src/users/__init__.py"], "src/users/__init__.py"),
        (["users/__init__.py", "users.py"], "users/__init__.py"),
        (["src/users.py"], "src/users.py"),
        ([], "users.py"),
    ],
)
def test_what_has_no_line_of_its_own_is_told_at_the_apps_file(files: list[str], home: str) -> None:
    record = records.make_record(
        [records.make_check("lost", "fail")],
        submission=SubmissionRef(id="a", digest="", app="users:app"),
        sources=[SourceFile(path=path, text="", types="") for path in files],
    )
    assert [finding.place.path for finding in findings(record).shown] == [home]
