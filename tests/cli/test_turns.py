"""What a turn of `check --watch` tells of the one before."""

from __future__ import annotations

import pytest

from harness.cli import check as command
from harness.cli import turns
from harness.grade import GradeRequest
from harness.record import GradeRecord, Outcome
from tests.cli.test_bad_input import TINY
from tests.reporting import records


def record(**outcomes: Outcome) -> GradeRecord:
    return records.make_record([records.make_check(name, outcome) for name, outcome in outcomes.items()])


def test_a_few_of_the_files_that_changed_are_named() -> None:
    assert turns.changed(["app/a.py", "b\n.py"]) == "changed: app/a.py, b .py"
    assert turns.changed(["a", "b", "c", "d", "e"]) == "changed: a, b, c and 2 more"


def test_after_some_checks_those_that_pass_now_are_named() -> None:
    part = record(a="pass", b="pass", c="fail")
    assert turns.mended(part, ("a", "b", "c")) == [
        "a, b pass now",
        "2 of 3 that were lost pass now; the others are checked once these pass",
    ]


def test_after_all_checks_it_is_told_what_has_changed_since_the_run_before() -> None:
    before = record(a="fail", b="pass", c="fail", d="pass")
    after = record(a="pass", b="blocked", c="partial", d="pass")
    assert turns.since(before, after) == ["a passes now", "b is lost now", "c: partly now, failed before"]
    assert turns.since(before, record(a="pass", b="pass", c="fail", d="pass")) == ["a passes now", "+25 points"]


def test_that_nothing_has_changed_is_told_too() -> None:
    assert turns.since(record(a="fail"), record(a="fail")) == ["every check ended as in the run before"]


def test_what_can_not_be_graded_is_compared_with_nothing() -> None:
    assert turns.since(records.all_passed(), records.never_started()) == []
    assert turns.lost(records.never_started()) == ()


def watched(monkeypatch: pytest.MonkeyPatch, graded: list[GradeRecord]) -> list[tuple[str, ...]]:
    """Watch a folder that changes after each grade but the last; returns which checks were asked for each time."""
    asked: list[tuple[str, ...]] = []

    def grade(request: GradeRequest, *_: object) -> GradeRecord:
        asked.append(request.only)
        return graded[len(asked) - 1]

    class Changes:
        def __init__(self, *_: object, **__: object) -> None:
            pass

        def wait(self) -> list[str]:
            if len(asked) == len(graded):
                raise KeyboardInterrupt
            return ["app/main.py"]

    monkeypatch.setattr(command, "grade", grade)
    monkeypatch.setattr(command, "Watch", Changes)
    command.check_command("x", str(TINY / "challenge"), watch=True, quiet=True, runtime="process")
    return asked


def test_what_can_not_be_graded_is_told_once_and_what_was_lost_comes_first_afterwards(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = records.never_started().model_copy(update={"checks": [], "skills": []})
    graded = [record(a="fail", b="pass"), broken, record(a="pass"), record(a="pass", b="pass")]
    assert watched(monkeypatch, graded) == [(), ("a",), ("a",), ()]
    told = capsys.readouterr()
    assert told.out.count("Not gradable") == 1
    assert told.err.count("changed: app/main.py") == 2
    assert "a passes now\n+50 points\n" in told.out


def test_turns_are_set_apart_by_a_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    watched(monkeypatch, [record(a="pass"), record(a="pass")])
    assert capsys.readouterr().out.count("\n────") == 1


def test_a_change_of_a_submission_without_a_score_begins_with_all_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    assert watched(monkeypatch, [records.never_started(), record(a="pass")]) == [(), ()]


def test_what_can_not_be_assessed_is_not_asked_for_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    unassessed = record(a="pass", b="pass", c="pass", d="pass", e="pass", f="not_assessed")
    assert unassessed.gradable
    assert watched(monkeypatch, [unassessed, unassessed]) == [(), ()]
