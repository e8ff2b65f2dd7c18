"""`takehome explain`: what a check asks, and what a stored result found of it."""

from __future__ import annotations

from pathlib import Path

from harness.record import EvidenceItems
from harness.reporting.failures import to_fill_in
from tests.cli.command import takehome
from tests.reporting import records


def test_a_check_is_explained_from_its_own_words() -> None:
    done = takehome("explain", "cursor-pages", "-c", "users_api")
    assert done.code == 0
    for said in ("should-have", "hidden from candidates", "Why it matters", "Hint", "graders/users_api/test_lists.py:"):
        assert said in done.text
    assert "junior" not in done.text


def test_the_question_is_told_to_those_who_ask_for_it() -> None:
    done = takehome("explain", "cursor-pages", "-c", "users_api", "--interview")
    assert "senior" in done.text
    assert "Keyset pagination" in done.text


def test_with_a_result_it_tells_what_was_found(tmp_path: Path) -> None:
    (tmp_path / "result.json").write_text(records.typical().model_dump_json())
    done = takehome("explain", "duplicate-email-race", "--result", tmp_path)
    assert done.code == 0
    assert "In ada-birch: failed" in done.text
    assert "One address made 3 users" in done.text


def test_a_common_check_is_explained_as_the_challenge_weighs_it() -> None:
    done = takehome("explain", "types", "-c", "live_feed")
    assert done.code == 0
    assert "graders/common/test_types.py:" in done.text


def test_an_unknown_check_is_bad_input_and_the_known_ones_are_named() -> None:
    done = takehome("explain", "nonsense", "-c", "users_api")
    assert done.code == 2
    assert "no check 'nonsense' in users_api" in done.text
    assert "cursor-pages" in done.text


def test_where_no_challenge_is_declared_it_is_asked_for(tmp_path: Path) -> None:
    done = takehome("explain", "types", cwd=tmp_path)
    assert done.code == 2
    assert "which challenge?" in done.text


def test_an_unknown_check_is_told_the_nearest() -> None:
    done = takehome("explain", "cursor-page", "-c", "users_api")
    assert "did you mean 'cursor-pages'?" in done.text


def test_what_a_check_builds_on_is_told_in_a_sentence() -> None:
    done = takehome("explain", "merge-patch", "-c", "users_api")
    assert "Tried only where create-user is met, since it builds on it." in done.text


def test_what_was_found_has_the_labels_of_check_and_hangs_under_them(tmp_path: Path) -> None:
    evidence = EvidenceItems(reproduce="curl -X GET http://127.0.0.1:8000/v1/users/7")
    check = records.make_check("types", "fail", expected="one\ntwo", actual="word " * 60, evidence=evidence)
    (tmp_path / "result.json").write_text(records.make_record([check]).model_dump_json())
    done = takehome("explain", "types", "--result", tmp_path, env={"COLUMNS": "60"})
    found = done.out[done.out.index("In ada-birch") :].splitlines()
    assert found[2:4] == ["  expected  one", "            two"]
    assert found[4].startswith("  actual    word")
    assert found[5].startswith(" " * 12 + "word")
    assert found[-2:] == [f"  try       {evidence.reproduce}", " " * 12 + to_fill_in(evidence.reproduce)]
