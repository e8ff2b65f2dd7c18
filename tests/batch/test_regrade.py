"""Grading again: what, why, and where it goes on."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from harness.batch import regrade
from harness.batch.journal import Journal
from harness.batch.notices import opening
from harness.batch.regrade import Conditions, begin_regrade, end_regrade, to_regrade
from harness.batch.results import Results
from harness.batch.run import Told
from harness.batch.sources import Source
from harness.batch.worker import Attempt
from harness.errors import UsageError
from harness.packs import find_challenge
from harness.record import EnvironmentRef, GradeRecord
from harness.submission.git_remote import NOT_GIVEN
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


def test_one_that_was_never_run_is_not_graded_again_for_what_would_have_run_it(tmp_path: Path) -> None:
    challenge, now = find_challenge("users_api"), Conditions("1.2.0", "", "9.9", "other")
    run(tmp_path, Fake())
    record = Results(tmp_path).read("a")
    assert record is not None
    never = record.model_copy(update={"environment": EnvironmentRef()})
    with Journal(tmp_path, "users_api") as journal:
        assert to_regrade("changed", SOURCES[:1], journal.states, lambda _id: never, challenge, now) == {}


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
    # Killed after the last grade and before the end: nothing is graded once more.
    assert begun() == {}
    with Journal(tmp_path, "users_api") as journal:
        end_regrade(journal, SOURCES)
    assert set(begun()) == {"a", "b", "c", "d"}


def test_what_is_graded_again_by_a_plain_run_says_why_it_was_asked_for(tmp_path: Path) -> None:
    challenge, now = find_challenge("users_api"), Conditions("1.0.0", "", "0.1.0", "")
    run(tmp_path, Fake())
    with Journal(tmp_path, "users_api") as journal:
        begin_regrade("all", SOURCES, journal, Results(tmp_path).read, challenge, now)
        journal.tell("started", "b", attempt=2, name="b")
    told: list[Told] = []
    run(tmp_path, Fake(), told=told)
    assert [(one.id, one.text) for one in told if one.kind == "changed"] == [("b", "again: asked for")]


def test_a_change_since_a_regrade_was_ended_is_seen_as_well(tmp_path: Path) -> None:
    challenge = find_challenge("users_api")
    run(tmp_path, Fake())

    def begun(version: str) -> dict[str, list[str]]:
        with Journal(tmp_path, "users_api") as journal:
            now = Conditions(version, "", "0.1.0", "python:3.12-slim")
            return begin_regrade("changed", SOURCES, journal, Results(tmp_path).read, challenge, now)

    with Journal(tmp_path, "users_api") as journal:
        journal.tell("regrade", asked="changed", ids={"d": ["the submission has changed"]})
    assert set(begun("5.0.0")) == {"a", "b", "c", "d"}


def test_what_could_not_be_read_is_tried_again_once_it_can_be(tmp_path: Path) -> None:
    challenge, now = find_challenge("users_api"), Conditions("1.0.0", "", "0.1.0", "")
    mended = tmp_path / "mended"
    (mended / "app").mkdir(parents=True)
    (mended / "app" / "main.py").write_text("app = 1\n")
    sources = [Source("a", "a", str(mended)), Source("b", "b", "/nowhere/b")]
    (tmp_path / "out").mkdir()
    run(tmp_path / "out", Fake(lambda _s, _n: Attempt("unreadable", what="no archive")), sources=sources)
    results = Results(tmp_path / "out")
    with Journal(tmp_path / "out", "users_api") as journal:

        def chosen(how: str) -> dict[str, list[str]]:
            return to_regrade(how, sources, journal.states, results.read, challenge, now)

        assert chosen("changed") == {"a": ["it could not be read before"]}
        assert set(chosen("all")) == {"a", "b"}
        assert chosen("create-user") == {}
    fake = Fake()
    assert run(tmp_path / "out", fake, sources=sources, why={"a": ["it could not be read before"]}).graded == 1
    assert fake.asked == ["a"]


@pytest.mark.parametrize("how", ["all", "changed"])
def test_a_result_that_cannot_be_read_is_made_again(how: str, tmp_path: Path) -> None:
    challenge, now = find_challenge("users_api"), Conditions("1.2.0", "", "0.1.0", "python:3.12-slim")
    run(tmp_path, Fake())
    (tmp_path / "a" / "result.json").write_text("{")
    with Journal(tmp_path, "users_api") as journal:
        found = to_regrade(how, SOURCES[:1], journal.states, Results(tmp_path).read, challenge, now)
    assert found == {"a": ["its result can't be read"]}


class Open:
    """A batch in which everything was graded once, and that is asked to grade again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.challenge, self.now = find_challenge("users_api"), Conditions("1.2.0", "", "0.1.0", "python:3.12-slim")
        run(folder, Fake())

    def begun(self, how: str, sources: Sequence[Source] = SOURCES, version: str = "1.2.0") -> set[str]:
        now = replace(self.now, version=version)
        with Journal(self.folder, "users_api") as journal:
            return set(begin_regrade(how, sources, journal, Results(self.folder).read, self.challenge, now))

    def graded(self, *ids: str, present: Sequence[Source] = SOURCES) -> None:
        chosen = [source for source in SOURCES if source.id in ids]
        run(self.folder, Fake(), sources=chosen, why={id_: ["asked for"] for id_ in ids})
        with Journal(self.folder, "users_api") as journal:
            end_regrade(journal, present)


def test_a_regrade_ends_although_one_of_its_submissions_is_gone(tmp_path: Path) -> None:
    batch = Open(tmp_path)
    batch.begun("all")
    batch.graded("a", "b", "c", present=SOURCES[:3])
    assert batch.begun("all", SOURCES[:3]) == {"a", "b", "c"}


def test_another_regrade_takes_the_place_of_one_that_is_open(tmp_path: Path) -> None:
    batch = Open(tmp_path)
    batch.begun("all")
    batch.graded("a", "b")
    with Journal(tmp_path, "users_api") as journal:
        assert list(opening(SOURCES, SOURCES, journal, "changed")) == [
            "--regrade all was begun and not ended: --regrade changed takes its place"
        ]
    assert batch.begun("changed") == set()
    assert batch.begun("all") == set("abcd")


def test_a_regrade_that_is_open_for_some_is_begun_for_the_others(tmp_path: Path) -> None:
    batch = Open(tmp_path)
    batch.begun("all", SOURCES[:2])
    batch.graded("a")
    assert batch.begun("all") == {"b", "c", "d"}
    batch.graded("b")
    assert batch.begun("all") == {"c", "d"}


def test_one_that_its_host_does_not_give_any_more_is_not_taken_for_unchanged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise UsageError(NOT_GIVEN)

    batch = Open(tmp_path)
    monkeypatch.setattr(regrade, "ingest", refused)
    assert batch.begun("changed", SOURCES[:1]) == {"a"}
    with Journal(tmp_path, "users_api") as journal:
        journal.tell("unreadable", "b", what=NOT_GIVEN)
    assert batch.begun("changed", SOURCES[1:2]) == set()


def test_an_open_regrade_of_an_older_journal_goes_on(tmp_path: Path) -> None:
    batch = Open(tmp_path)
    with Journal(tmp_path, "users_api") as journal:
        journal.tell("regrade", asked="all", ids={id_: ["asked for"] for id_ in "abcd"})
    batch.graded("a", "b", "c")
    assert batch.begun("all") == {"d"}


def test_where_the_network_fails_nothing_is_taken_for_unchanged(tmp_path: Path) -> None:
    batch = Open(tmp_path)
    away = Source("a", "a", "https://127.0.0.1:1/ada.git")
    assert batch.begun("changed", [away, *SOURCES[1:]]) == {"a"}
    with Journal(tmp_path, "users_api") as journal:
        (why,) = journal.states["a"].again
    assert why == "whether the submission has changed can't be told: the repository could not be fetched"
