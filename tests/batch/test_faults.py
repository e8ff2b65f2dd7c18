"""Whose fault it is that there is no grade: never the submission's when it is ours, and what becomes of it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.batch.entries import entries_of
from harness.batch.journal import Journal
from harness.batch.notices import closing
from harness.batch.results import Results
from harness.batch.run import Told
from harness.batch.sources import Source
from harness.batch.worker import Attempt, attempt_of
from harness.cohort import cohort_of
from harness.errors import HarnessFault
from harness.record import FaultName, Problem
from harness.submission.git_remote import NOT_GIVEN
from tests.batch.fakes import SOURCES, Fake, passing, run


def broken_engine(source: Source, tries: int, fault: FaultName = "environment") -> Attempt:
    """As when the engine fails after most checks: gradable, and yet not whole."""
    record = passing(source, tries).record
    assert record is not None
    problem = Problem(fault=fault, what="the Docker engine failed", where="the pod", detail="EOF\nmore")
    return attempt_of(record.model_copy(update={"problem": problem}))


class Tearing(Fake):
    """What it writes of `b` is half of it."""

    def __call__(self, source: Source, folder: Path, say: Callable[[str], None], cancelled: threading.Event) -> Attempt:
        attempt = super().__call__(source, folder, say, cancelled)
        if source.id == "b":
            text = (folder / "result.json").read_text()
            (folder / "result.json").write_text(text[: len(text) // 2])
        return attempt


def test_a_result_that_is_torn_is_a_fault_of_ours_and_no_grade(tmp_path: Path) -> None:
    told: list[Told] = []
    outcome = run(tmp_path, Tearing(), told=told)
    assert (outcome.graded, outcome.faults) == (3, {"b": "harness"})
    assert [(one.kind, one.text) for one in told if one.id == "b"][-1] == ("fault", "the result can't be read again")


def test_a_torn_result_is_graded_again_by_the_same_command(tmp_path: Path) -> None:
    run(tmp_path, Tearing())
    again = Fake()
    assert run(tmp_path, again).graded == 1
    assert again.asked == ["b"]


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


def test_those_that_always_fail_us_do_not_keep_the_others_from_their_turn(tmp_path: Path) -> None:
    many = [Source(f"s{n:02}", f"s{n:02}", "x") for n in range(9)]
    gone = Attempt("fault", what="the prober is gone", fault="harness")
    always = Fake(lambda s, n: gone if s.id in ("s00", "s01", "s02") else passing(s, n))
    assert run(tmp_path, always, jobs=1, sources=many).graded == 0
    assert run(tmp_path, always, jobs=1, sources=many).graded == 6


def test_a_bug_in_a_slot_ends_the_batch_and_is_told(tmp_path: Path) -> None:
    def grade(_source: Source, _tries: int) -> Attempt:
        raise RuntimeError("a bug")

    with pytest.raises(HarnessFault, match="broke down"):
        run(tmp_path, Fake(grade), jobs=1)


def test_a_grade_that_the_environment_cut_short_is_no_grade_however_much_was_judged(tmp_path: Path) -> None:
    fake = Fake(lambda s, n: broken_engine(s, n) if s.id == "a" else passing(s, n))
    outcome = run(tmp_path, fake)
    assert fake.asked.count("a") == 2
    assert outcome.faults == {"a": "environment"}
    again = Fake()
    assert run(tmp_path, again).graded == 1
    assert again.asked == ["a"]


def test_a_grade_that_breaks_us_twice_counts_as_far_as_it_goes_and_is_told(tmp_path: Path) -> None:
    fake = Fake(lambda s, n: broken_engine(s, n, "harness") if s.id == "a" else passing(s, n))
    outcome = run(tmp_path, fake)
    assert fake.asked.count("a") == 2
    assert (outcome.in_part, outcome.graded, outcome.faults) == (["a"], 4, {})


def test_a_fault_is_told_with_its_place_and_its_first_detail(tmp_path: Path) -> None:
    assert broken_engine(SOURCES[0], 1).what == "the Docker engine failed (the pod) - EOF"


def test_who_has_no_grade_through_our_fault_is_told_apart_from_who_cannot_be_read(tmp_path: Path) -> None:
    kinds = {"a": Attempt("fault", what="no room", fault="environment"), "b": Attempt("unreadable", what="no archive")}
    run(tmp_path, Fake(lambda s, n: kinds.get(s.id) or passing(s, n)))
    with Journal(tmp_path, "users_api") as journal:
        cohort = cohort_of(entries_of(SOURCES, journal, Results(tmp_path)))
    assert {member.id: member.problem for member in cohort.unread} == {
        "a": "not graded, through no fault of the submission: no room",
        "b": "no archive",
    }


def test_one_that_cannot_be_read_hides_no_broken_environment(tmp_path: Path) -> None:
    many = [Source(f"s{n:02}", f"s{n:02}", "x") for n in range(20)]
    torn = Attempt("unreadable", what="no archive")
    gone = Attempt("fault", what="the engine is gone", fault="environment")
    outcome = run(tmp_path, Fake(lambda s, _n: torn if int(s.id[1:]) % 2 else gone), jobs=1, sources=many)
    assert outcome.paused == "the engine is gone"


def test_a_slot_that_ends_by_whatever_does_not_end_the_batch_without_a_word(tmp_path: Path) -> None:
    def grade(_source: Source, _tries: int) -> Attempt:
        raise SystemExit(1)

    with pytest.raises(HarnessFault, match="broke down"):
        run(tmp_path, Fake(grade), jobs=1)


REFUSED = Attempt("unreadable", what=f"{NOT_GIVEN} (https://one.example)")


def of_hosts(*hosts: str) -> list[Source]:
    return [Source(f"s{n}", f"s{n}", f"https://token@{host}/s{n}.git", "v1") for n, host in enumerate(hosts)]


def refuse(*hosts: str) -> Fake:
    """Gives no repository of these hosts."""
    return Fake(lambda s, n: REFUSED if any(f"@{host}/" in s.source for host in hosts) else passing(s, n))


def test_a_host_that_gives_no_repository_is_no_candidates_fault_and_is_asked_again(tmp_path: Path) -> None:
    many = of_hosts("one.example", "one.example", "one.example", "two.example")
    outcome = run(tmp_path, refuse("one.example"), sources=many)
    assert outcome.faults == dict.fromkeys(("s0", "s1", "s2"), "environment")
    with Journal(tmp_path, "users_api") as journal:
        said = [one.text for one in closing(many, journal.states, outcome, tmp_path / "cohort.html")]
        (problem,) = {one.problem.what for one in entries_of(many, journal, Results(tmp_path)) if one.problem}
    assert f"one.example gives none of several repositories: {NOT_GIVEN}" in problem
    assert "one.example gave none of 3 repositories; see that the login there is valid" in said[0]
    again = Fake()
    run(tmp_path, again, sources=many)
    assert sorted(again.asked) == ["s0", "s1", "s2"]


def test_what_is_not_given_when_it_is_asked_for_once_more_cannot_be_read(tmp_path: Path) -> None:
    many = of_hosts(*["one.example"] * 3)
    run(tmp_path, refuse("one.example"), sources=many)
    outcome = run(tmp_path, refuse("one.example"), sources=many)
    assert (outcome.faults, outcome.refused_by) == ({}, {})
    with Journal(tmp_path, "users_api") as journal:
        assert {state.status for state in journal.states.values()} == {"unreadable"}


def test_a_login_that_expires_on_the_way_is_no_candidates_fault(tmp_path: Path) -> None:
    many = of_hosts(*["one.example"] * 5)
    given = Fake(lambda s, n: passing(s, n) if s.id in ("s0", "s1") else REFUSED)
    assert set(run(tmp_path, given, jobs=1, sources=many).faults) == {"s2", "s3", "s4"}


def test_a_batch_that_is_ended_after_refusals_asks_for_them_again(tmp_path: Path) -> None:
    many, cancelled = of_hosts(*["one.example"] * 6), threading.Event()

    def grade(source: Source, _tries: int) -> Attempt:
        if source.id == "s4":
            cancelled.set()
            return Attempt("stopped")
        return REFUSED

    run(tmp_path, Fake(grade), jobs=1, sources=many, cancelled=cancelled)
    again = Fake()
    run(tmp_path, again, sources=many)
    assert sorted(again.asked) == ["s0", "s1", "s2", "s3", "s4", "s5"]


@pytest.mark.parametrize(
    ("hosts", "last"),
    [
        (("one.example",) * 2, REFUSED.what),
        (("one.example",) * 4 + ("ONE.example",), ""),
        (("one.example",) * 4, "no such branch, tag or commit: v1"),
    ],
    ids=["two repositories", "one that is given", "one without its branch"],
)
def test_a_host_that_gives_anything_is_not_in_doubt(hosts: tuple[str, ...], last: str, tmp_path: Path) -> None:
    many = of_hosts(*hosts)
    ended = Attempt("unreadable", what=last)
    fake = Fake(lambda s, n: REFUSED if s is not many[-1] else ended if last else passing(s, n))
    outcome = run(tmp_path, fake, jobs=1, sources=many)
    assert (outcome.faults, outcome.refused_by) == ({}, {})
    with Journal(tmp_path, "users_api") as journal:
        state = journal.states["s0"]
    assert (state.status, state.what) == ("unreadable", REFUSED.what)


def test_a_grade_stays_where_its_host_gives_no_repository_any_more(tmp_path: Path) -> None:
    many = of_hosts("one.example", "one.example", "one.example")
    run(tmp_path, Fake(), sources=many)
    again = {source.id: ["asked for"] for source in many}
    outcome = run(tmp_path, refuse("one.example"), sources=many, why=again)
    assert outcome.faults == {}
    assert list(outcome.refused_by) == ["one.example"]
    with Journal(tmp_path, "users_api") as journal:
        # An open --regrade goes on with those alone.
        assert {state.again for state in journal.states.values()} == {("asked for",)}
    with Journal(tmp_path, "users_api") as journal:
        assert all(entry.record for entry in entries_of(many, journal, Results(tmp_path)))
