"""A batch that was ended in the middle: the next run takes up what is there, grades nothing twice and loses nothing."""

from __future__ import annotations

import json
import shutil
import threading
from pathlib import Path

import pytest

from harness.batch.entries import entries_of
from harness.batch.journal import NAME, Journal
from harness.batch.results import Results
from harness.batch.run import Told
from harness.batch.sources import Source
from harness.batch.worker import Attempt
from harness.cohort import cohort_of
from harness.errors import HarnessFault
from tests.batch.fakes import SOURCES, Fake, passing, run, write
from tests.reporting.records import make_check, make_record


def test_a_grade_that_was_begun_is_begun_again(tmp_path: Path) -> None:
    with Journal(tmp_path, "users_api") as journal:
        journal.tell("started", "a", attempt=1)
    fake = Fake()
    run(tmp_path, fake)
    assert fake.asked.count("a") == 1


def test_a_grade_that_was_written_and_not_told_is_taken_as_it_is(tmp_path: Path) -> None:
    with Journal(tmp_path, "users_api") as journal:
        journal.tell("started", "a", attempt=1)
    write(tmp_path / ".work" / "a.1", make_record([make_check("create-user", "fail")]))
    fake = Fake()
    run(tmp_path, fake)
    assert "a" not in fake.asked
    assert json.loads((tmp_path / "a" / "result.json").read_text())["checks"][0]["outcome"] == "fail"


def test_a_grade_that_was_in_its_place_and_not_told_is_taken_as_it_is(tmp_path: Path) -> None:
    with Journal(tmp_path, "users_api") as journal:
        journal.tell("started", "a", attempt=3)
    results = Results(tmp_path)
    write(results.work("a", 3), make_record([make_check("create-user")]))
    results.keep("a", 3)
    fake = Fake()
    run(tmp_path, fake)
    assert "a" not in fake.asked


def test_what_was_moved_away_when_the_batch_was_killed_is_put_back(tmp_path: Path) -> None:
    run(tmp_path, Fake())
    with Journal(tmp_path, "users_api") as journal:
        journal.tell("started", "a", attempt=2)
    (tmp_path / ".work").mkdir()
    (tmp_path / "a").rename(tmp_path / ".work" / "a.2.old")
    fake = Fake()
    run(tmp_path, fake)
    assert fake.asked == ["a"]
    assert (tmp_path / "a" / "earlier" / "1" / "result.json").is_file()


def test_half_a_record_is_graded_again(tmp_path: Path) -> None:
    with Journal(tmp_path, "users_api") as journal:
        journal.tell("started", "a", attempt=1)
    (tmp_path / ".work" / "a.1").mkdir(parents=True)
    (tmp_path / ".work" / "a.1" / "result.json").write_text('{"schema_version": "1.1"')
    fake = Fake()
    run(tmp_path, fake)
    assert fake.asked.count("a") == 1


def test_a_cancelled_batch_goes_on_where_it_was(tmp_path: Path) -> None:
    cancelled = threading.Event()

    def grade(source: Source, tries: int) -> Attempt:
        if source.id == "b":
            cancelled.set()
            return Attempt("stopped")
        return passing(source, tries)

    assert run(tmp_path, Fake(grade), jobs=1, cancelled=cancelled).stopped
    fake = Fake()
    run(tmp_path, fake)
    assert sorted(fake.asked) == ["b", "c", "d"]


def test_the_cohort_of_an_interrupted_batch_is_that_of_an_undisturbed_one(tmp_path: Path) -> None:
    def grade(source: Source, tries: int) -> Attempt:
        return passing(source, tries, "fail" if source.id in "bd" else "pass")

    for name, stops in (("whole", 99), ("parts", 1)):
        left = 9
        while left:
            count = 0
            cancelled = threading.Event()

            def some(source: Source, tries: int, stops: int = stops, cancelled: threading.Event = cancelled) -> Attempt:
                nonlocal count
                count += 1
                if count > stops:
                    cancelled.set()
                    return Attempt("stopped")
                return grade(source, tries)

            (tmp_path / name).mkdir(exist_ok=True)
            left = left - 1 if run(tmp_path / name, Fake(some), jobs=1, cancelled=cancelled).stopped else 0
    made = []
    for name in ("whole", "parts"):
        with Journal(tmp_path / name, "users_api") as journal:
            made.append(cohort_of(entries_of(SOURCES, journal, Results(tmp_path / name))))
    assert made[0] == made[1]


def killed_in_a_regrade(folder: Path, steps: int) -> None:
    """As after a kill when the second grade of b was being put in its place, some steps into that."""
    run(folder, Fake(lambda s, n: passing(s, n, "fail")))
    results = Results(folder)
    with Journal(folder, "users_api") as journal:
        journal.tell("regrade", asked="all", ids={"b": ["asked for"]})
        journal.tell("started", "b", attempt=2, name="b")
    write(results.work("b", 2), make_record([make_check("create-user")]))
    if steps >= 1:
        shutil.copytree(folder / "b", results.work("b", 2) / "earlier" / "1")
    if steps >= 2:
        (results.work("b", 2) / ".attempt").write_text("2")
        (folder / "b").rename(folder / ".work" / "b.2.old")
    if steps >= 3:
        results.work("b", 2).rename(folder / "b")


@pytest.mark.parametrize("steps", [0, 1, 2, 3])
@pytest.mark.parametrize("others", [False, True])
def test_a_kill_while_a_grade_is_put_in_its_place_loses_nothing(steps: int, others: bool, tmp_path: Path) -> None:
    killed_in_a_regrade(tmp_path, steps)
    fake = Fake()
    told: list[Told] = []
    run(tmp_path, fake, told=told, sources=[one for one in SOURCES if one.id != "b"] if others else SOURCES)
    assert fake.asked == []
    outcomes = [Results(tmp_path).read("b"), *Results(tmp_path).earlier("b")]
    assert [record and record.checks[0].outcome for record in outcomes] == ["pass", "fail"]
    assert [one.text for one in told if one.kind == "changed"] == [
        "again: asked for",
        "create-user: fail before, pass now",
    ]


def test_a_review_that_was_copied_in_part_when_the_disk_was_full_is_copied_whole(tmp_path: Path) -> None:
    run(tmp_path, Fake())
    (tmp_path / "a" / "review.jsonl").write_text("all that was said")
    killed = Results(tmp_path)
    write(killed.work("a", 2), make_record([make_check("create-user")]))
    (killed.work("a", 2) / "review.jsonl").write_text("all th")
    with Journal(tmp_path, "users_api") as journal:
        journal.tell("started", "a", attempt=2, name="a")
    run(tmp_path, Fake())
    assert (tmp_path / "a" / "review.jsonl").read_text() == "all that was said"


def test_a_grade_that_an_older_journal_told_of_is_not_taken_for_a_new_one(tmp_path: Path) -> None:
    run(tmp_path, Fake())
    (tmp_path / NAME).unlink()

    def killed(_source: Source, _tries: int) -> Attempt:
        raise SystemExit

    with pytest.raises(HarnessFault):
        run(tmp_path, Fake(killed), jobs=1)
    again = Fake()
    run(tmp_path, again)
    assert sorted(again.asked) == ["a", "b", "c", "d"]
