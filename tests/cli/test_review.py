"""`takehome review`: blind first, beside the score ever after, and nothing is taken back."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from harness.review_log import NAME
from tests.cli.command import takehome
from tests.reporting import records


@pytest.fixture
def result(tmp_path: Path) -> Path:
    (tmp_path / "result.json").write_text(records.typical().model_dump_json())
    return tmp_path


def filled(result: Path, level: int, **other: int) -> Path:
    """A template filled in with one level, and others by criterion."""
    path = result / "review.toml"
    assert takehome("review", result, "--template", path).code == 0
    text, name = [], ""
    for line in path.read_text().splitlines():
        name = match.group(1) if (match := re.fullmatch(r"\[([a-z-]+)\]", line)) else name
        text.append(f"level = {other.get(name.replace('-', '_'), level)}" if line.startswith("#level") else line)
    path.write_text("\n".join(text))
    return path


def test_two_reviews_are_blind_to_each_other_and_shown_side_by_side_once_both_are_in(result: Path) -> None:
    first = takehome("review", result, "--by", "A", "--from", filled(result, 2))
    assert first.code == 0, first.text
    assert "67.4" not in first.text
    early = takehome("review", result, "--show")
    assert early.code == 2
    assert "once all are in, and 1 is in" in early.text
    second = takehome("review", result, "--by", "B", "--from", filled(result, 2, structure=4))
    assert second.code == 0, second.text
    shown = takehome("review", result, "--show")
    assert shown.code == 0
    assert "67.4 of 100" in shown.text
    assert "2 and 4 Structure and names more than a level apart: talk about it" in shown.text
    assert "The same level for 6 of 7 criteria" in shown.text


def test_the_report_has_the_reviews_and_the_candidates_edition_has_not(result: Path) -> None:
    takehome("review", result, "--by", "A", "--alone", "--from", filled(result, 3))
    takehome("show", result, "--report", result / "team.html")
    takehome("show", result, "--report", result / "theirs.html", "--edition", "candidate")
    assert "What people say" in (result / "team.html").read_text()
    assert "What people say" not in (result / "theirs.html").read_text()


def test_before_all_reviews_are_in_the_report_has_none(result: Path) -> None:
    takehome("review", result, "--by", "A", "--from", filled(result, 3))
    takehome("show", result, "--report", result / "team.html")
    assert "What people say" not in (result / "team.html").read_text()


def test_a_check_is_seen_otherwise_with_a_reason_and_the_score_stays(result: Path) -> None:
    takehome("review", result, "--by", "A", "--alone", "--from", filled(result, 3))
    bare = takehome("review", result, "--by", "A", "--override", "lost-update", "--to", "pass", "--reason", "because")
    assert bare.code == 2
    why = "the brief allows this reading of it"
    check = "duplicate-email-race"
    assert takehome("review", result, "--by", "A", "--override", check, "--to", "pass", "--reason", why).code == 0
    shown = takehome("review", result, "--show")
    assert f"{check}: failed by machine, passed to A. {why}" in shown.text
    assert "67.4 of 100" in shown.text


def test_what_is_submitted_stays_and_a_change_of_mind_is_a_new_line(result: Path) -> None:
    path = filled(result, 3)
    takehome("review", result, "--by", "A", "--alone", "--from", path)
    again = takehome("review", result, "--by", "A", "--from", path)
    assert again.code == 2
    assert "has submitted already" in again.text
    before = (result / NAME).read_text()
    reason = "I had not seen the second module"
    assert takehome("review", result, "--by", "A", "--amend", "structure", "--to", "1", "--reason", reason).code == 0
    assert (result / NAME).read_text().startswith(before)
    assert f"A on structure afterwards: 1. {reason}" in takehome("review", result, "--show").text


def test_a_third_review_is_refused(result: Path) -> None:
    path = filled(result, 3)
    for name in "AB":
        assert takehome("review", result, "--by", name, "--from", path).code == 0
    third = takehome("review", result, "--by", "C", "--from", path)
    assert third.code == 2
    assert "all reviews of this grade are in" in third.text


def test_a_review_of_another_result_is_told(result: Path) -> None:
    takehome("review", result, "--by", "A", "--alone", "--from", filled(result, 3))
    changed = records.typical().model_copy(update={"seed": 1})
    (result / "result.json").write_text(changed.model_dump_json())
    assert "said of another result.json" in takehome("review", result, "--show").text


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[structure]\nlevel = 5\n", "structure.level"),
        ("[structure]\nlevel = true\nnonsense = 1\n", "nonsense"),
        ("[nonsense]\nlevel = 1\n", "no criterion 'nonsense'"),
        ("structure = 1\n", "the review is wrong"),
        ("[structure", "can't be read"),
        ("[structure]\nlevel = 1\n", "nothing is said of trade-offs"),
    ],
)
def test_a_wrong_review_is_told_by_its_key_and_nothing_is_kept(text: str, says: str, result: Path) -> None:
    (result / "bad.toml").write_text(text)
    done = takehome("review", result, "--by", "A", "--from", result / "bad.toml")
    assert done.code == 2
    assert says in done.text
    assert not (result / NAME).exists()


@pytest.mark.parametrize(
    ("line", "says"), [('{"version": 9}', "version 9"), ("nonsense", "damaged"), ('{"version": 1}', "damaged")]
)
def test_a_log_that_cannot_be_read_is_told_and_left(line: str, says: str, result: Path) -> None:
    (result / NAME).write_text(line + "\n")
    done = takehome("review", result, "--show")
    assert done.code == 2
    assert says in done.text
    assert (result / NAME).read_text() == line + "\n"


def test_half_a_line_at_the_end_of_the_log_is_dropped(result: Path) -> None:
    path = filled(result, 3)
    takehome("review", result, "--by", "A", "--from", path)
    with (result / NAME).open("a") as file:
        file.write('{"version": 1, "kind": "subm')
    assert takehome("review", result, "--by", "B", "--from", path).code == 0
    assert [json.loads(line)["by"] for line in (result / NAME).read_text().splitlines()] == ["A", "B"]


def test_on_a_terminal_each_criterion_is_asked_with_its_anchors(result: Path) -> None:
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", "from harness.cli import main; main()", "review", str(result), "--by", "A", "--alone"],
        stdin=slave, stdout=slave, stderr=slave, env={**os.environ, "COLUMNS": "200"},
    )  # fmt: skip
    os.close(slave)
    said = bytearray()

    def listen() -> None:
        try:
            while chunk := os.read(master, 4096):
                said.extend(chunk)
                if b"skip:" in chunk:
                    os.write(master, b"9\n" if said.count(b"skip:") == 1 else b"2\n")
                elif b"Comment:" in chunk:
                    os.write(master, b"fine\n")
        except OSError:
            return

    reader = threading.Thread(target=listen, daemon=True)
    reader.start()
    assert process.wait(120) == 0, said.decode()
    os.close(master)
    (line,) = [json.loads(text) for text in (result / NAME).read_text().splitlines()]
    assert {rating["level"] for rating in line["ratings"].values()} == {2}
    assert b"One needs the author to find anything." in said
    assert b"67.4" not in said
