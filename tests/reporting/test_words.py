"""The words of a report."""

from __future__ import annotations

import pytest

from harness.reporting import words
from tests.reporting import records
from tests.reporting.records import make_check, make_record


@pytest.mark.parametrize("make", records.ALL.values(), ids=records.ALL.keys())
def test_a_verdict_is_one_sentence(make: records.Maker) -> None:
    verdict = words.verdict(make())
    assert verdict.endswith(".")
    assert "\n" not in verdict


def test_a_verdict_names_missed_must_haves() -> None:
    record = make_record([make_check("a", "fail", tier="must"), make_check("b")])
    assert words.verdict(record) == "1 of 2 checks pass; of the must-haves, 1 not met."


def test_full_marks_are_said_plainly() -> None:
    assert words.verdict(make_record([make_check("a"), make_check("b")])) == "All 2 checks pass."


def test_what_is_missing_is_never_rounded_away() -> None:
    assert words.percent(0.9999) == "99 %"
    assert words.percent(1.0) == "100 %"


def test_no_band_says_whom_to_hire() -> None:
    assert all("brief" in said for said in words.BAND.values())


def test_a_replay_has_the_seed_and_quotes_what_a_shell_would_read() -> None:
    record = records.typical(submission=records.typical().submission.model_copy(update={"source": "a b; rm -rf $HOME"}))
    assert words.replay(record) == ("takehome grade 'a b; rm -rf $HOME' -c users_api --app app.main:app --seed 4711")


def test_a_replay_has_as_many_attempts_as_were_made() -> None:
    lost = make_check("a", "fail", attempts=["fail", "fail", "pass"])
    assert " --attempts 3 " in words.replay(make_record([lost, make_check("b")]))


def test_a_replay_never_reads_a_source_as_an_option() -> None:
    record = records.typical(submission=records.typical().submission.model_copy(update={"source": "--out=/etc"}))
    assert " ./--out=/etc " in words.replay(record)


def test_a_replay_names_the_commit() -> None:
    source = "https://git.example/a.git@" + "0a" * 20
    record = records.typical(submission=records.typical().submission.model_copy(update={"source": source}))
    assert f"grade https://git.example/a.git -c users_api --ref {'0a' * 20} " in words.replay(record)


def test_a_candidate_replays_with_their_own_command() -> None:
    assert words.replay(records.visible_only()).startswith("takehome check . -c users_api ")


def test_a_time_is_told_in_utc() -> None:
    assert words.moment("2026-03-04T15:03:22+01:00") == "4 March 2026, 14:03 UTC"
    assert words.moment("yesterday") == "yesterday"
