"""What the lines of a journal make of each submission, and of a regrade."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from harness.batch.journal import NAME, Journal, State, read_states

Told = tuple[str, dict[str, Any]]

STARTED: Told = ("started", {"attempt": 1, "name": "Ada", "source": "ada.zip"})
FAULT: Told = ("fault", {"what": "the engine is gone", "fault": "environment"})
GRADED: Told = ("graded", {"digest": "d", "versions": "v", "gradable": True})
UNREADABLE: Told = ("unreadable", {"what": "no archive", "fault": "submission"})
DOUBTED: Told = ("doubted", {"again": ["not found", 404]})


def known(status: str, **rest: Any) -> State:
    return State(status=status, **({"name": "Ada", "source": "ada.zip", "attempt": 1} | rest))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("told", "state"),
    [
        ([STARTED], known("started")),
        ([STARTED, FAULT], known("fault", what="the engine is gone", fault="environment")),
        ([STARTED, FAULT, ("started", {"attempt": 2})], known("started", attempt=2)),
        ([STARTED, UNREADABLE], known("unreadable", what="no archive", fault="submission")),
        ([STARTED, GRADED], known("graded", digest="d", versions="v", gradable=True)),
        ([STARTED, GRADED, ("started", {})], known("started", digest="d", versions="v", gradable=True)),
        ([STARTED, GRADED, ("graded", {})], known("graded")),
        ([STARTED, ("graded", {"gradable": "yes"})], known("graded")),
        ([STARTED, GRADED, ("a later takehome's", {"what": "x"})],
         known("graded", digest="d", versions="v", gradable=True)),
        ([STARTED, UNREADABLE, DOUBTED],
         known("unreadable", what="no archive", fault="submission", doubted=True, again=("not found", "404"))),
        ([STARTED, UNREADABLE, DOUBTED, ("doubted", {})],
         known("unreadable", what="no archive", fault="submission", doubted=True)),
        ([STARTED, DOUBTED, ("started", {})], known("started", doubted=True, again=("not found", "404"))),
        ([STARTED, DOUBTED, ("fault", {})], known("fault", doubted=True, again=("not found", "404"))),
        ([STARTED, DOUBTED, ("unreadable", {})], known("unreadable", doubted=True)),
        ([STARTED, DOUBTED, ("graded", {})], known("graded")),
        ([STARTED, DOUBTED, ("kept", {})], known("graded", doubted=True)),
        ([("started", {})], State()),
        ([("started", {"attempt": "3", "name": 5, "source": 6})], State(attempt=3, name="5", source="6")),
    ],
)  # fmt: skip
def test_a_submissions_state_follows_from_its_lines(told: list[Told], state: State, tmp_path: Path) -> None:
    with Journal(tmp_path, "users_api") as journal:
        for event, rest in told:
            journal.tell(event, "a", **rest)
        assert journal.states == {"a": state}
    with Journal(tmp_path, "users_api") as journal:
        assert journal.states == {"a": state}
    assert read_states(tmp_path) == {"a": state}


def regraded(*lines: dict[str, Any]) -> Journal:
    journal = Journal(Path("nowhere"), "users_api")
    for id_ in "abc":
        journal.apply({"event": "graded", "id": id_})
    for line in lines:
        journal.apply({"event": "regrade"} | line)
    return journal


def again(journal: Journal) -> dict[str, tuple[str, ...]]:
    return {id_: state.again for id_, state in journal.states.items() if state.again}


def test_a_regrade_notes_what_was_asked_for_among_which_and_why_each() -> None:
    journal = regraded({"asked": "changed", "ids": {"a": ["the code", 2], "d": ["the challenge"]}, "among": ["a", "b"]})
    assert (journal.regrading, journal.among) == ("changed", frozenset("ab"))
    assert again(journal) == {"a": ("the code", "2"), "d": ("the challenge",)}
    assert journal.states["a"].status == "graded"


def test_a_regrade_that_goes_on_adds_to_what_it_began_with() -> None:
    journal = regraded(
        {"asked": "all", "ids": {"a": ["asked"]}, "among": ["a"]},
        {"asked": "all", "ids": {"b": ["asked"]}, "among": ["b"]},
    )
    assert (journal.regrading, journal.among) == ("all", frozenset("ab"))
    assert again(journal) == {"a": ("asked",), "b": ("asked",)}


def test_another_regrade_takes_the_place_of_the_one_before() -> None:
    journal = regraded(
        {"asked": "all", "ids": {"a": ["asked"]}, "among": ["a"]},
        {"asked": "changed", "ids": {"b": ["new"]}, "among": ["b"]},
    )
    assert (journal.regrading, journal.among) == ("changed", frozenset("b"))
    assert again(journal) == {"b": ("new",)}
    assert journal.states["a"].again == ()


def test_a_line_that_asks_for_nothing_ends_the_regrade() -> None:
    journal = regraded({"asked": "all", "ids": {"a": ["asked"]}, "among": ["a"]}, {})
    assert (journal.regrading, journal.among, again(journal)) == ("", frozenset(), {})


def test_an_older_regrade_was_asked_for_all_that_it_began() -> None:
    assert regraded({"asked": "all", "ids": {"a": ["asked"], "b": []}}).among == {"a", "b"}


def test_a_line_about_no_submission_changes_none() -> None:
    journal = regraded()
    before = dict(journal.states)
    for line in ({"event": "graded"}, {"event": "graded", "id": 7}, {"event": "begun", "id": None}):
        journal.apply(line)
    assert journal.states == before


def test_states_are_read_from_as_much_of_a_journal_as_makes_sense(tmp_path: Path) -> None:
    lines = [
        b'{"journal": 99, "challenge": "other"}', b'{"event": "graded", "id": "a"}', b"nonsense", b"[1]",
        b"[" * 100_000, b'{"event": "started", "id": "b", "attempt": []}', b'{"event": "unreadable", "id": "c"}',
        b'{"event": "gra',
    ]  # fmt: skip
    (tmp_path / NAME).write_bytes(b"\n".join(lines))
    found = read_states(tmp_path)
    assert {id_: state.status for id_, state in found.items() if id_ != "b"} == {"a": "graded", "c": "unreadable"}
    assert (tmp_path / NAME).read_bytes() == b"\n".join(lines)


def test_where_there_is_no_journal_there_are_no_states(tmp_path: Path) -> None:
    assert read_states(tmp_path) == {}


def test_no_more_is_read_than_a_journal_may_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = b'{"event": "graded", "id": "a"}\n'
    (tmp_path / NAME).write_bytes(first + b'{"event": "graded", "id": "b"}\n')
    monkeypatch.setattr("harness.batch.journal._MOST_BYTES", len(first))
    assert set(read_states(tmp_path)) == {"a"}
