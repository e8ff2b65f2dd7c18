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
from harness.errors import UsageError
from tests.batch.fakes import SOURCES, Fake, passing, run


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
    # Where these tests run in the background of a shell, it is ignored.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)

    def grade(_source: Source, _tries: int) -> Attempt:
        # Python raises it in the main thread, which waits.
        signal.raise_signal(signal.SIGINT)
        time.sleep(1)
        ended.set()
        return Attempt("stopped")

    try:
        with pytest.raises(KeyboardInterrupt):
            run(tmp_path, Fake(grade), jobs=1)
    finally:
        signal.signal(signal.SIGINT, before)
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
