"""A batch: each submission graded once and kept, whatever happens in between; our faults are nobody else's."""

from __future__ import annotations

import json
import shutil
import signal
import threading
import time
from pathlib import Path

import pytest

from harness.batch.entries import entries_of
from harness.batch.journal import NAME, Journal
from harness.batch.notices import closing
from harness.batch.origins import moved
from harness.batch.results import Results
from harness.batch.run import Told
from harness.batch.sources import Source
from harness.batch.worker import Attempt
from harness.cli.compare import read_entries, write_cohort
from harness.cohort import cohort_of
from harness.errors import HarnessFault, UsageError
from tests.batch.fakes import SOURCES, Fake, passing, run, write
from tests.reporting.records import make_check, make_record


def test_each_is_graded_once_and_lies_in_its_place(tmp_path: Path) -> None:
    fake = Fake()
    outcome = run(tmp_path, fake)
    assert sorted(fake.asked) == ["a", "b", "c", "d"]
    assert outcome.graded == 4
    assert all((tmp_path / id_ / "result.json").is_file() for id_ in "abcd")
    assert not (tmp_path / ".work").exists()


def test_the_same_command_again_grades_nothing_twice(tmp_path: Path) -> None:
    run(tmp_path, Fake())
    again = Fake()
    run(tmp_path, again)
    assert again.asked == []


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


def test_an_unreadable_one_harms_no_other_and_is_not_tried_again(tmp_path: Path) -> None:
    fake = Fake(lambda s, n: Attempt("unreadable", what="no archive") if s.id == "c" else passing(s, n))
    outcome = run(tmp_path, fake)
    assert (outcome.graded, outcome.unreadable) == (3, 1)
    again = Fake()
    run(tmp_path, again)
    assert again.asked == []


def test_a_grade_that_is_made_again_keeps_the_earlier_one_and_says_what_changed(tmp_path: Path) -> None:
    run(tmp_path, Fake(lambda s, n: passing(s, n, "fail")))
    told: list[Told] = []
    run(tmp_path, Fake(), why={"a": ["asked for"]}, told=told)
    run(tmp_path, Fake(), why={"a": ["asked for"]})
    assert json.loads((tmp_path / "a" / "earlier" / "1" / "result.json").read_text())["checks"][0]["outcome"] == "fail"
    assert json.loads((tmp_path / "a" / "earlier" / "2" / "result.json").read_text())["checks"][0]["outcome"] == "pass"
    assert [one.text for one in told if one.kind == "changed"] == [
        "again: asked for",
        "create-user: fail before, pass now",
    ]
    (line,) = [json.loads(x) for x in (tmp_path / NAME).read_text().splitlines() if "regraded" in x][:1]
    assert line["changes"] == ["create-user: fail before, pass now"]


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


def test_what_people_said_beside_a_grade_survives_a_new_one(tmp_path: Path) -> None:
    run(tmp_path, Fake())
    (tmp_path / "a" / "review.jsonl").write_text("said")
    run(tmp_path, Fake(), why={"a": ["asked for"]})
    assert (tmp_path / "a" / "review.jsonl").read_text() == "said"
    assert (tmp_path / "a" / "earlier" / "1" / "review.jsonl").read_text() == "said"


def test_an_id_that_stands_for_another_submission_now_is_refused(tmp_path: Path) -> None:
    run(tmp_path, Fake())
    fake = Fake()
    with pytest.raises(UsageError, match="was that of 'a', and is that of 'A b' now"):
        run(tmp_path, fake, sources=[Source("a", "A b", "/nowhere/x")])
    assert fake.asked == []


def test_the_journal_holds_no_password_of_a_repository(tmp_path: Path) -> None:
    run(tmp_path, Fake(), sources=[Source("a", "a", "https://user:hunter2@example.com/x.git")])
    assert "hunter2" not in (tmp_path / NAME).read_text()


def test_a_result_that_is_gone_is_graded_again(tmp_path: Path) -> None:
    run(tmp_path, Fake())
    shutil.rmtree(tmp_path / "b")
    told: list[Told] = []
    again = Fake()
    run(tmp_path, again, told=told)
    assert again.asked == ["b"]
    assert any(one.id == "b" and "gone" in one.text for one in told)


def test_a_folder_that_no_grade_made_is_not_moved(tmp_path: Path) -> None:
    (tmp_path / "b" / "app").mkdir(parents=True)
    fake = Fake()
    outcome = run(tmp_path, fake)
    assert sorted(fake.asked) == ["a", "c", "d"]
    assert outcome.faults == {"b": "environment"}
    assert (tmp_path / "b" / "app").is_dir()
    (tmp_path / "b").rename(tmp_path / "elsewhere")
    assert run(tmp_path, Fake()).graded == 1


def test_the_end_tells_of_all_submissions_whenever_they_were_graded(tmp_path: Path) -> None:
    kinds = {"b": Attempt("unreadable", what="no archive")}
    run(tmp_path, Fake(lambda s, n: kinds.get(s.id) or passing(s, n)))
    outcome = run(tmp_path, Fake())
    with Journal(tmp_path, "users_api") as journal:
        told = list(closing(SOURCES, journal.states, outcome, tmp_path / "cohort.html"))
    (tally,) = (one for one in told if one.kind == "tally")
    assert tally.text == "4 submissions: 3 with a score, 1 can't be read (b)"
    assert (tally.done, tally.total) == (4, 4)
    assert any("--regrade changed" in one.text for one in told)


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


def test_a_name_that_is_no_text_is_in_the_cohort(tmp_path: Path) -> None:
    sources = [Source("ad-1", "ad\udcff", "/nowhere/a"), Source("b", "b\udcfe", "/nowhere/b")]
    run(tmp_path, Fake(lambda s, n: passing(s, n) if s.id == "b" else Attempt("unreadable", what="x")), sources=sources)
    with Journal(tmp_path, "users_api") as journal:
        write_cohort(tmp_path, entries_of(sources, journal, Results(tmp_path)))
    write_cohort(tmp_path, read_entries(tmp_path))
    assert "b\\udcfe" in (tmp_path / "cohort.csv").read_text()
    assert (tmp_path / "cohort.html").exists()


def test_ctrl_c_is_told_once_every_grade_has_ended(tmp_path: Path) -> None:
    ended = threading.Event()

    def grade(_source: Source, _tries: int) -> Attempt:
        # Python raises it in the main thread, which waits.
        signal.raise_signal(signal.SIGINT)
        time.sleep(1)
        ended.set()
        return Attempt("stopped")

    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, Fake(grade), jobs=1)
    assert ended.is_set()


def test_the_report_of_the_grade_before_is_not_taken_for_that_of_a_new_one(tmp_path: Path) -> None:
    run(tmp_path, Fake())
    (tmp_path / "a" / "report.html").write_text("old")
    run(tmp_path, Fake(), why={"a": ["asked for"]})
    assert not (tmp_path / "a" / "report.html").exists()
    assert (tmp_path / "a" / "earlier" / "1" / "report.html").read_text() == "old"


def test_a_regrade_that_cannot_read_the_submission_leaves_the_grade_that_was_there(tmp_path: Path) -> None:
    run(tmp_path, Fake())
    told: list[Told] = []
    run(tmp_path, Fake(lambda _s, _n: Attempt("unreadable", what="404")), why={"a": ["asked for"]}, told=told)
    assert any("the earlier grade stays" in one.text for one in told)
    with Journal(tmp_path, "users_api") as journal:
        entries = {entry.id: entry for entry in entries_of(SOURCES, journal, Results(tmp_path))}
    assert entries["a"].record is not None
    again = Fake()
    run(tmp_path, again)
    assert again.asked == []


def test_one_that_comes_from_elsewhere_than_its_grade_is_told(tmp_path: Path) -> None:
    run(tmp_path, Fake(), sources=[Source("a", "a", "https://me:pw@h.example/ada.git", "v1")])
    with Journal(tmp_path, "users_api") as journal:
        assert moved([Source("a", "a", "https://h.example/ada.git", "v1")], journal.states) == []
        (said,) = moved([Source("a", "a", "https://h.example/bo.git", "v2")], journal.states)
    assert said == "a was graded from https://h.example/ada.git v1, and is at https://h.example/bo.git v2 now"
