"""Grading again: what, why, and where it goes on."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from harness.batch.journal import Journal
from harness.batch.regrade import Conditions, begin_regrade, to_regrade
from harness.batch.results import Results
from harness.batch.sources import Source
from harness.batch.worker import Attempt
from harness.errors import UsageError
from harness.packs import find_challenge
from harness.record import GradeRecord
from tests.batch.fakes import SOURCES, Fake, passing, run


def test_what_is_to_be_graded_again_is_told_with_why(tmp_path: Path) -> None:
    challenge = find_challenge("users_api")
    run(tmp_path, Fake(lambda s, n: passing(s, n, "fail" if s.id == "b" else "pass")))
    results = Results(tmp_path)
    with Journal(tmp_path, "users_api") as journal:

        def chosen(how: str, version: str = "0.1.0", image: str = "python:3.12-slim") -> dict[str, list[str]]:
            now = Conditions("1.0.0", "", version, image)
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
        now = Conditions(challenge.spec.version, "sha256:now", "0.1.0", "python:3.12-slim")
        found = to_regrade("changed", SOURCES[:1], journal.states, read, challenge, now)
        assert found == {"a": ["the challenge has changed, and not its version"]}
        same = to_regrade("changed", SOURCES[:1], journal.states, lambda id_: read(id_, now.digest), challenge, now)
        assert same == {}


def test_grading_all_again_goes_on_where_it_was_ended(tmp_path: Path) -> None:
    challenge, now = find_challenge("users_api"), Conditions("1.0.0", "", "0.1.0", "")
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
