"""A batch: each submission graded once and kept, whatever happens in between; our faults are nobody else's."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from harness.batch.journal import NAME, Journal
from harness.batch.regrade import Conditions, begin_regrade, to_regrade
from harness.batch.results import Results
from harness.batch.run import Batch, Outcome, Told, entries_of
from harness.batch.sources import Source
from harness.batch.worker import Attempt
from harness.cohort import cohort_of
from harness.errors import HarnessFault, UsageError
from harness.packs import find_challenge
from harness.record import GradeRecord
from tests.reporting.records import make_check, make_record

SOURCES = [Source(id_, id_, f"/nowhere/{id_}") for id_ in ("a", "b", "c", "d")]
Grade = Callable[[Source, int], Attempt]


def passing(source: Source, _try: int, outcome: str = "pass") -> Attempt:
    record = make_record([make_check("create-user", outcome)])  # type: ignore[arg-type]
    return Attempt(
        "graded", record.model_copy(update={"submission": record.submission.model_copy(update={"id": source.id})})
    )


class Fake:
    """Grades by a function, writes what a real one writes, and counts."""

    def __init__(self, grade: Grade = passing) -> None:
        self.asked: list[str] = []
        self._grade = grade
        self._lock = threading.Lock()

    def __call__(
        self, source: Source, folder: Path, _say: Callable[[str], None], _cancelled: threading.Event
    ) -> Attempt:
        with self._lock:
            self.asked.append(source.id)
        attempt = self._grade(source, self.asked.count(source.id))
        if attempt.record is not None:
            write(folder, attempt.record)
        return attempt


def write(folder: Path, record: GradeRecord) -> None:
    folder.mkdir(parents=True)
    (folder / "result.json").write_text(record.model_dump_json())


def run(
    folder: Path, fake: Fake, jobs: int = 2, why: dict[str, list[str]] | None = None, told: list[Told] | None = None,
    cancelled: threading.Event | None = None, sources: Sequence[Source] = SOURCES,
) -> Outcome:  # fmt: skip
    with Journal(folder, "users_api") as journal:
        listen = (told if told is not None else []).append
        return Batch(sources, journal, Results(folder), fake, listen, cancelled or threading.Event(), why=why).run(jobs)


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


def test_a_fault_of_ours_is_tried_once_more_and_then_told(tmp_path: Path) -> None:
    def grade(source: Source, tries: int) -> Attempt:
        flaky = source.id == "a" and tries == 1
        broken = source.id == "b"
        return Attempt("fault", what="no room", fault="environment") if flaky or broken else passing(source, tries)

    fake = Fake(grade)
    outcome = run(tmp_path, fake)
    assert (fake.asked.count("a"), fake.asked.count("b")) == (2, 2)
    assert outcome.faults == {"b": "environment"}
    assert outcome.graded == 3


def test_what_failed_by_our_fault_is_tried_again_by_the_same_command(tmp_path: Path) -> None:
    run(tmp_path, Fake(lambda s, n: Attempt("fault", what="x", fault="harness") if s.id == "b" else passing(s, n)))
    fake = Fake()
    run(tmp_path, fake)
    assert fake.asked == ["b"]


def test_a_fault_of_ours_is_nobodys_grade(tmp_path: Path) -> None:
    fake = Fake(lambda s, n: Attempt("fault", what="x", fault="environment") if s.id == "b" else passing(s, n))
    run(tmp_path, fake)
    with Journal(tmp_path, "users_api") as journal:
        entries = {entry.id: entry for entry in entries_of(SOURCES, journal, Results(tmp_path))}
    problem = entries["b"].problem
    assert entries["b"].record is None
    assert problem is not None
    assert problem.fault == "environment"


def test_after_three_faults_of_the_environment_in_a_row_the_batch_pauses(tmp_path: Path) -> None:
    many = [Source(f"s{n}", f"s{n}", "x") for n in range(20)]
    fake = Fake(lambda _s, _n: Attempt("fault", what="the engine is gone", fault="environment"))
    outcome = run(tmp_path, fake, jobs=1, sources=many)
    assert outcome.paused == "the engine is gone"
    assert len(set(fake.asked)) == 3
    again = Fake()
    assert run(tmp_path, again, sources=many).graded == 20


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


def test_a_bug_in_a_slot_ends_the_batch_and_is_told(tmp_path: Path) -> None:
    def grade(_source: Source, _tries: int) -> Attempt:
        raise RuntimeError("a bug")

    with pytest.raises(HarnessFault, match="broke down"):
        run(tmp_path, Fake(grade), jobs=1)


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


def test_what_is_to_be_graded_again_is_told_with_why(tmp_path: Path) -> None:
    challenge = find_challenge("users_api")
    run(tmp_path, Fake(lambda s, n: passing(s, n, "fail" if s.id == "b" else "pass")))
    results = Results(tmp_path)
    with Journal(tmp_path, "users_api") as journal:

        def chosen(how: str, version: str = "0.1.0", image: str = "python:3.12-slim") -> dict[str, list[str]]:
            now = Conditions(version, image)
            return to_regrade(how, SOURCES, journal.states, results.read, challenge, now)

        assert set(chosen("all")) == {"a", "b", "c", "d"}
        assert chosen("create-user") == {"b": ["create-user was not passed"]}
        assert chosen("changed", "9.9")["a"] == ["challenge 1.2.0 is 1.0.0 now", "takehome 0.1.0 is 9.9 now"]
        assert chosen("changed", image="other")["a"][-1] == "image python:3.12-slim is other now"
        with pytest.raises(UsageError, match="nothing to grade again"):
            chosen("nonsense")


def test_a_challenge_that_changed_and_kept_its_version_is_a_reason(tmp_path: Path) -> None:
    challenge = find_challenge("users_api")
    run(tmp_path, Fake())
    record = Results(tmp_path).read("a")
    assert record is not None

    def read(_id: str, digest: str = "sha256:other") -> GradeRecord:
        ref = record.challenge.model_copy(update={"version": challenge.spec.version, "digest": digest})
        return record.model_copy(update={"challenge": ref})

    with Journal(tmp_path, "users_api") as journal:
        now = Conditions("0.1.0", "python:3.12-slim")
        found = to_regrade("changed", SOURCES[:1], journal.states, read, challenge, now)
        assert found == {"a": ["the challenge has changed, and not its version"]}
        same = to_regrade(
            "changed", SOURCES[:1], journal.states, lambda id_: read(id_, challenge.digest()), challenge, now
        )
        assert same == {}


def test_grading_all_again_goes_on_where_it_was_ended(tmp_path: Path) -> None:
    challenge, now = find_challenge("users_api"), Conditions("0.1.0", "")
    run(tmp_path, Fake())

    def begun() -> dict[str, list[str]]:
        with Journal(tmp_path, "users_api") as journal:
            return begin_regrade("all", SOURCES, journal, Results(tmp_path).read, challenge, now)

    cancelled = threading.Event()

    def grade(source: Source, tries: int) -> Attempt:
        if source.id == "c":
            cancelled.set()
            return Attempt("stopped")
        return passing(source, tries)

    run(tmp_path, Fake(grade), jobs=1, cancelled=cancelled, why=begun())
    left = begun()
    assert left == {"c": ["asked for"], "d": ["asked for"]}
    fake = Fake()
    run(tmp_path, fake, why=left)
    assert sorted(fake.asked) == ["c", "d"]
    assert set(begun()) == {"a", "b", "c", "d"}


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
