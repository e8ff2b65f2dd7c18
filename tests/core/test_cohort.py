"""The cohort: one small document of many grades, comparable or told why not."""

from __future__ import annotations

import csv
import io
import json

import pytest

from harness.cohort import Cohort, Entry, cohort_of, to_csv
from harness.compare import compare
from harness.health import correlation, health
from harness.record import GradeRecord, Problem
from tests.reporting.records import make_check, make_record


def entry(id_: str, *outcomes: str, **rest: object) -> Entry:
    checks = [make_check(f"c{n}", outcome) for n, outcome in enumerate(outcomes)]  # type: ignore[arg-type]
    record = make_record(checks, **rest)
    digest = record.submission.model_copy(update={"digest": f"sha256:{id_}"})
    return Entry(id=id_, record=record.model_copy(update={"submission": digest}))


def graded(found: Entry) -> GradeRecord:
    assert found.record is not None
    return found.record


def test_the_order_is_that_of_the_ids_and_never_of_the_scores() -> None:
    cohort = cohort_of([entry("c10", "pass"), entry("c9", "fail"), entry("a", "fail")])
    assert [member.id for member in cohort.tracks[0].members] == ["a", "c9", "c10"]


def test_challenges_are_kept_apart() -> None:
    other = graded(entry("b", "pass"))
    other = other.model_copy(update={"challenge": other.challenge.model_copy(update={"id": "other"})})
    cohort = cohort_of([entry("a", "pass"), Entry(id="b", record=other)])
    assert [(track.challenge, len(track.members)) for track in cohort.tracks] == [("other", 1), ("users_api", 1)]


def test_what_differs_in_the_grading_is_told() -> None:
    other = graded(entry("b", "pass"))
    other = other.model_copy(update={"environment": other.environment.model_copy(update={"harness": "9.9"})})
    (track,) = cohort_of([entry("a", "pass"), Entry(id="b", record=other)]).tracks
    assert track.warnings == ["Graded with different versions of takehome: 0.1.0, 9.9."]
    (same,) = cohort_of([entry("a", "pass"), entry("b", "fail")]).tracks
    assert same.warnings == []


def test_the_verdicts_of_one_submission_that_differ_are_the_flake_rate() -> None:
    steady = [entry("a", "fail", "pass"), entry("b", "fail", "pass")]
    again = [record.model_copy(update={"earlier": [graded(entry(record.id, "fail", "fail"))]}) for record in steady]
    (track,) = cohort_of([*again, entry("c", "pass", "pass")]).tracks
    first, second = track.health
    assert (first.repeated, first.flaky, first.alarm) == (2, 0.0, "")
    assert (second.repeated, second.flaky) == (2, 1.0)
    assert "different verdicts" in second.alarm


def test_the_attempts_of_one_grade_count_for_the_flake_rate() -> None:
    record = graded(entry("a", "fail"))
    check = record.checks[0].model_copy(update={"attempts": ["fail", "pass", "not_assessed"]})
    (found,) = health([record.model_copy(update={"checks": [check]})])
    assert (found.repeated, found.flaky) == (1, 1.0)


def test_grades_by_other_conditions_say_nothing_of_flakes() -> None:
    before = graded(entry("a", "pass"))
    before = before.model_copy(update={"environment": before.environment.model_copy(update={"harness": "9.9"})})
    (found,) = health([graded(entry("a", "fail"))], [before])
    assert (found.repeated, found.flaky) == (0, None)


def test_another_rubric_is_told() -> None:
    (track,) = cohort_of([entry("a", "pass"), entry("b", "pass", "pass")]).tracks
    assert track.warnings == ["Graded by different rubrics: other checks, or other weights."]


def test_scores_that_lie_within_one_check_are_not_told_apart() -> None:
    near = entry("a", *["pass"] * 20), entry("b", *["pass"] * 19, "fail"), entry("c", *["fail"] * 20)
    (track,) = cohort_of(near).tracks
    found = {member.id: member.alike for member in track.members}
    assert found["c"] == []
    assert track.margin == 4
    close = [entry("a", *["pass"] * 40), entry("b", *["pass"] * 39, "fail")]
    assert [member.alike for member in cohort_of(close).tracks[0].members] == [["b"], ["a"]]


def test_the_same_submission_twice_is_told() -> None:
    one = graded(entry("a", "pass"))
    assert cohort_of([Entry(id="a", record=one), Entry(id="b", record=one)]).twice == [["a", "b"]]


def test_what_could_not_be_graded_at_all_is_there_with_its_reason() -> None:
    problem = Problem(fault="submission", what="no such archive")
    cohort = cohort_of([Entry(id="a", problem=problem)])
    assert [(member.id, member.problem) for member in cohort.unread] == [("a", "no such archive")]
    assert cohort_of([]).tracks == []


def test_the_document_is_the_same_again_and_small() -> None:
    cohort = cohort_of([entry(f"c{n}", *["pass"] * 30) for n in range(50)])
    text = cohort.model_dump_json()
    assert Cohort.model_validate(json.loads(text)) == cohort
    assert len(text) < 50 * 6000


def test_the_table_has_a_row_for_each_and_no_formula() -> None:
    cohort = cohort_of([entry("=cmd|' /C calc'!A0", "pass"), entry("b", "fail"), Entry(id="gone")])
    rows = list(csv.DictReader(io.StringIO(to_csv(cohort))))
    assert [row["id"] for row in rows] == ["'=cmd|' /C calc'!A0", "b", "gone"]
    assert [row["c0"] for row in rows] == ["pass", "fail", ""]
    assert [row["score"] for row in rows] == ["100", "0", ""]


def test_the_id_of_a_check_is_no_formula_either() -> None:
    record = graded(entry("a", "pass"))
    check = record.checks[0].model_copy(update={"id": "=1+1"})
    cohort = cohort_of([Entry(id="a", record=record.model_copy(update={"checks": [check]}))])
    assert to_csv(cohort).splitlines()[0].endswith(",'=1+1")


def test_a_check_that_nobody_passes_raises_an_alarm() -> None:
    found = health([graded(entry(f"e{n}", "fail", "pass")) for n in range(5)])
    assert found[0].difficulty == 1
    assert "nobody passes" in found[0].alarm
    assert found[1].alarm == ""


def test_a_check_that_is_often_not_assessed_raises_an_alarm() -> None:
    found = health([graded(entry("a", "not_assessed", "pass")), graded(entry("b", "pass", "pass"))])
    assert found[0].unassessed == 0.5
    assert "often not assessed" in found[0].alarm


def test_discrimination_is_told_from_ten_submissions_on() -> None:
    able = [graded(entry(f"a{n}", *(["pass"] * (n % 6) + ["fail"] * (6 - n % 6)))) for n in range(12)]
    assert health(able[:9])[0].discrimination is None
    found = health(able)[2].discrimination
    assert found is not None
    assert found > 0.5


def test_correlation_of_what_does_not_vary_is_none() -> None:
    assert correlation([1, 1, 1], [1, 2, 3]) is None
    assert correlation([1, 2, 3], [2, 4, 6]) == pytest.approx(1)
    assert correlation([1, 2, 3], [3, 2, 1]) == pytest.approx(-1)


def test_a_comparison_names_what_differs_and_what_may_be_why() -> None:
    a, b = graded(entry("a", "pass", "fail")), graded(entry("b", "pass", "pass", seed=1))
    found = compare([("x", a), ("x", b)])
    assert found.labels == ("x (1)", "x (2)")
    assert [row.id for row in found.rows if row.differs] == ["c1"]
    assert any("seeds differ" in reason for reason in found.reasons)
    assert not found.same_code


def test_two_runs_of_one_submission_are_told_as_such() -> None:
    a = graded(entry("a", "pass"))
    found = compare([("x", a), ("y", a)])
    assert found.same_code
    assert any("unsteady" in reason for reason in found.reasons)


def test_two_runs_of_nobody_knows_what_are_not_called_the_same() -> None:
    a = graded(entry("a", "pass"))
    unknown = a.model_copy(update={"submission": a.submission.model_copy(update={"digest": ""})})
    assert not compare([("x", unknown), ("y", unknown)]).same_code


def test_a_challenge_that_changed_and_kept_its_version_is_told() -> None:
    def of(id_: str, digest: str) -> Entry:
        record = graded(entry(id_, "pass"))
        ref = record.challenge.model_copy(update={"digest": digest})
        return Entry(id=id_, record=record.model_copy(update={"challenge": ref}))

    one, other, unknown = of("a", "sha256:1"), of("b", "sha256:2"), of("c", "")
    (track,) = cohort_of([one, other]).tracks
    assert track.warnings == [
        "Graded with different contents of the challenge, of one version: 1.2.0 sha256:1, 1.2.0 sha256:2."
    ]
    assert any(
        "content of the challenge" in said for said in compare([("a", graded(one)), ("b", graded(other))]).reasons
    )
    assert cohort_of([one, unknown]).tracks[0].warnings == []


@pytest.mark.parametrize("count", [0, 1, 5])
def test_only_two_to_four_are_compared(count: int) -> None:
    with pytest.raises(ValueError, match="2 to 4"):
        compare([("x", graded(entry("a", "pass")))] * count)
