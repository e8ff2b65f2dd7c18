"""The parts of a report: roles, marks, the code line by line, the timeline, progress."""

from __future__ import annotations

import pytest

from harness.record import CodeRef, EvidenceItems, Signal, SourceFile
from harness.reporting.latency import latency
from harness.reporting.marks import Piece, marked, pointed
from harness.reporting.profiles import profiles
from harness.reporting.progress import progress
from harness.reporting.sources import sources
from harness.reporting.timeline import timeline
from tests.reporting.records import make_check, make_record

LINES = SourceFile(
    path="app/a.py", text="a = 1\nb = 2\n\nc = 3\n", types="tu.x", coverage="cm.c",
    findings=[CodeRef(path="app/a.py", line=2, message="no annotation", rule="no-untyped-def")],
)  # fmt: skip


def test_a_role_that_asks_more_for_a_lost_skill_scores_lower() -> None:
    record = make_record([make_check("a", "fail", skill="async"), make_check("b", skill="errors")])
    found = {profile.role: profile.score.value for profile in profiles(record)}
    assert found["general"] == 50
    assert found["high-performance"] is not None
    assert found["high-performance"] < 50


def test_a_role_whose_first_skill_is_not_tested_is_left_out() -> None:
    record = make_record([make_check("a", skill="async")])
    assert [profile.role for profile in profiles(record)] == ["general", "high-performance"]


def test_what_differs_is_marked_on_both_sides() -> None:
    expected, actual = marked("status 201 with Location", "status 200 with Location")
    assert [piece.text for piece in expected if piece.differs] == ["201"]
    assert [piece.text for piece in actual if piece.differs] == ["200"]
    assert "".join(piece.text for piece in actual) == "status 200 with Location"


def test_what_happened_is_marked_in_the_answer_that_shows_it() -> None:
    answer = 'HTTP/1.1 201 Created\nlocation: /v1/users/1\n\n{"detail": "Made it", "id": 12013}'
    pieces = pointed(answer, "409, as for the first", '201 {"detail": "Made it"}')
    assert [piece.text for piece in pieces if piece.differs] == ["201", '"Made it"']
    assert "".join(piece.text for piece in pieces) == answer


def test_what_is_everywhere_in_the_answer_is_not_marked() -> None:
    document = '{"a": {"200": {}}, "b": {"200": {}}, "c": {"200": {}}, "d": {"200": {}}, "e": "3.1"}'
    assert [piece.text for piece in pointed(document, "3.0", "200 where 3.1 is") if piece.differs] == ["3.1"]


@pytest.mark.parametrize(("expected", "actual"), [("", "201"), ("201", "201"), ("a word", "and another"), ("409", "")])
def test_nothing_is_marked_where_nothing_telling_differs(expected: str, actual: str) -> None:
    assert pointed("HTTP/1.1 201 Created", expected, actual) == (Piece("HTTP/1.1 201 Created", False),)


def test_texts_with_little_in_common_are_not_marked() -> None:
    expected, actual = marked("one 201, the rest 409", "no answer")
    assert not any(piece.differs for piece in (*expected, *actual))


def test_each_line_has_its_letters_and_what_was_said_of_it() -> None:
    check = make_check("c", "fail", evidence=EvidenceItems(code=[CodeRef(path="app/a.py", line=4, message="blocks")]))
    signal = Signal(id="s", good=True, title="a habit", count=1, places=[CodeRef(path="app/a.py", line=1, message="m")])
    drawn = sources(make_record([check], sources=[LINES], signals=[signal]))
    (file,) = drawn.files
    assert [(line.types, line.coverage) for line in file.lines] == [("t", "c"), ("u", "m"), ("", ""), ("x", "c")]
    assert [[remark.kind for remark in line.remarks] for line in file.lines] == [["signal"], ["finding"], [], ["check"]]
    assert (file.covered, file.coverable) == (2, 3)
    assert drawn.anchor(CodeRef(path="app/a.py", line=4, message="")) == "s1-4"
    assert drawn.anchor(CodeRef(path="app/a.py", line=3, message="")) == ""


def test_files_for_which_there_is_no_room_are_named() -> None:
    large = SourceFile(path="z.py", text="x = 1\n" * 20_000, types="")
    drawn = sources(make_record([make_check("c")], sources=[LINES, large]))
    assert [file.path for file in drawn.files] == ["app/a.py"]
    assert drawn.left_out == ("z.py",)


def test_the_timeline_has_stages_and_checks_where_they_began() -> None:
    record = make_record(
        [make_check("c", seconds=2.0)],
        timings={"environment": 1.0, "ready": 2.0, "total": 10.0},
        began={"environment": 0.0, "ready": 1.0, "check:c": 5.0, "check:gone": 6.0},
    )
    drawn = timeline(record, {"c": "check-c"})
    assert [(bar.began, bar.seconds, bar.left, bar.width) for bar in drawn.bars] == [
        (0.0, 1.0, 0.0, 0.1), (1.0, 2.0, 0.1, 0.2), (5.0, 2.0, 0.5, 0.2),
    ]  # fmt: skip
    assert drawn.bars[-1].anchor == "check-c"


def test_a_record_that_says_nothing_of_when_has_no_timeline() -> None:
    assert timeline(make_record([make_check("c")]), {}).bars == ()


def test_progress_tells_what_is_better_and_what_is_worse() -> None:
    before = make_record([make_check("a", "fail"), make_check("b"), make_check("c", "not_assessed")])
    after = make_record([make_check("a"), make_check("b", "fail"), make_check("c")])
    found = progress(before, after)
    assert found is not None
    assert [change.after.id for change in found.better] == ["a"]
    assert [change.after.id for change in found.worse] == ["b"]
    assert found.same_code


def test_runs_of_different_challenges_are_not_compared() -> None:
    other = make_record([make_check("a")])
    other = other.model_copy(update={"challenge": other.challenge.model_copy(update={"version": "9"})})
    assert progress(other, make_record([make_check("a")])) is None


def test_a_difference_within_the_band_is_none_that_can_be_told() -> None:
    record = make_record([make_check("c")], pulse=[2.0] * 40, reference_pulse=[1.5] * 40)
    found = latency(record)
    assert found is not None
    assert "no difference" in found.says


def test_a_difference_beyond_the_band_is_told_with_its_size() -> None:
    slow = latency(make_record([make_check("c")], pulse=[6.0] * 40, reference_pulse=[2.0] * 40))
    fast = latency(make_record([make_check("c")], pulse=[1.0] * 40, reference_pulse=[2.0] * 40))
    assert slow is not None
    assert fast is not None
    assert slow.says == "about 3.0 times as long"
    assert fast.says == "about 2.0 times as fast"


def test_too_few_requests_are_not_compared() -> None:
    assert latency(make_record([make_check("c")], pulse=[2.0] * 40, reference_pulse=[1.0] * 3)) is None
    assert latency(make_record([make_check("c")])) is None


def test_on_a_busy_machine_nothing_is_compared() -> None:
    scattered = [1.0] * 30 + [9.0] * 10
    found = latency(make_record([make_check("c")], pulse=scattered, reference_pulse=[0.2] * 40))
    assert found is not None
    assert found.says == "the machine was too busy for a comparison"
