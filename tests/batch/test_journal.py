"""The journal: what it says survives, and what it doesn't say never happened."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import pytest

from harness.batch.journal import NAME, Journal
from harness.errors import EnvironmentFault, UsageError
from tests.cli.test_full_disk import full

__all__ = ["full"]


def opened(folder: Path) -> Journal:
    return Journal(folder, "users_api")


def test_what_was_told_is_read_again(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        journal.tell("started", "a", attempt=1)
        journal.tell("graded", "a", attempt=1, digest="d", versions="v")
        journal.tell("started", "b", attempt=2)
        journal.tell("unreadable", "c", attempt=1, what="no archive")
    with opened(tmp_path) as journal:
        assert {id_: (s.status, s.attempt, s.over) for id_, s in journal.states.items()} == {
            "a": ("graded", 1, True), "b": ("started", 2, False), "c": ("unreadable", 1, True),
        }  # fmt: skip
        assert journal.states["a"].digest == "d"
        assert journal.states["c"].what == "no archive"


@pytest.mark.parametrize("size", [1, 10, 40])
def test_half_a_line_at_the_end_never_happened(size: int, tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        journal.tell("graded", "a", attempt=1)
        journal.tell("graded", "b", attempt=1)
    path = tmp_path / NAME
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:-1]) + lines[-1][:size])
    with opened(tmp_path) as journal:
        assert journal.cut
        assert set(journal.states) == {"a"}
        journal.tell("graded", "b", attempt=2)
    with opened(tmp_path) as journal:
        assert not journal.cut
        assert journal.states["b"].attempt == 2


def test_a_journal_of_which_only_half_the_first_line_was_written_begins_anew(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(b'{"journ')
    with opened(tmp_path) as journal:
        journal.tell("graded", "a", attempt=1)
    with opened(tmp_path) as journal:
        assert set(journal.states) == {"a"}


def test_two_batches_do_not_write_into_one_folder(tmp_path: Path) -> None:
    with opened(tmp_path), pytest.raises(UsageError, match="another batch is at work"):
        opened(tmp_path).__enter__()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"journal": 99, "challenge": "users_api"}\n', "version 99"),
        ('{"journal": 1, "challenge": "other"}\n', "a batch of 'other'"),
        ('{"journal": 1, "challenge": "users_api"}\nnonsense\n', "damaged"),
        ("[]\n", "damaged"),
        ("[" * 100_000 + "\n", "damaged"),
    ],
)
def test_another_journal_is_refused_and_left_as_it_is(text: str, says: str, tmp_path: Path) -> None:
    (tmp_path / NAME).write_text(text)
    with pytest.raises(UsageError, match=says):
        opened(tmp_path).__enter__()
    assert (tmp_path / NAME).read_text() == text


def test_a_full_disk_is_told_and_what_was_told_before_stays(full: Path) -> None:
    filler = full / "filler"
    size = filler.stat().st_size
    os.truncate(filler, size - 8192)
    with opened(full) as journal:
        journal.tell("graded", "a", attempt=1)
        with filler.open("ab", buffering=0) as file, suppress(OSError):
            while file.write(b"x" * 512):
                pass
        with pytest.raises(EnvironmentFault, match="the journal can't be written"):
            for number in range(10_000):
                journal.tell("started", f"b{number}", attempt=1, name="x" * 500)
    filler.unlink()
    with opened(full) as journal:
        assert journal.states["a"].over
        assert not journal.cut
        journal.tell("graded", "c", attempt=1)
