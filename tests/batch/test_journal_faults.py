"""A journal that can't be opened, read or written: what is said of it, and what it leaves behind."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import re
from pathlib import Path

import pytest

from harness.batch.journal import NAME, Journal
from harness.errors import EnvironmentFault, TakehomeError, UsageError

HEAD = '{"journal": 1, "challenge": "users_api"}\n'


def refuse(folder: Path) -> TakehomeError:
    """What opening the journal of a folder is refused with."""
    with pytest.raises(TakehomeError) as caught:
        Journal(folder, "users_api").__enter__()
    return caught.value


def told(error: TakehomeError) -> tuple[type[TakehomeError], str, str, str, str]:
    return type(error), error.what, error.where, error.detail, error.next_step


def test_a_folder_that_can_not_be_written_to_is_the_environments_fault(tmp_path: Path) -> None:
    path = tmp_path / "gone" / NAME
    detail = f"[Errno 2] No such file or directory: {str(path)!r}"
    assert told(refuse(path.parent)) == (EnvironmentFault, "the journal can't be written", str(path), detail, "")


def test_a_disk_without_locks_is_the_environments_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def flock(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", flock)
    assert told(refuse(tmp_path)) == (
        EnvironmentFault, "the journal can't be locked", str(tmp_path / NAME),
        f"[Errno {errno.ENOLCK}] No locks available", "name an --out on a disk that knows locks",
    )  # fmt: skip


def test_a_second_batch_is_told_which_folder_is_taken(tmp_path: Path) -> None:
    with Journal(tmp_path, "users_api"):
        error = refuse(tmp_path)
    assert told(error) == (
        UsageError, "another batch is at work in this folder", str(tmp_path), "", "wait for it, or name another --out",
    )  # fmt: skip


def test_a_journal_is_free_again_once_it_was_refused(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text(HEAD + "nonsense\n")
    kept = refuse(tmp_path)  # its traceback holds the file
    (tmp_path / NAME).write_text(HEAD)
    with Journal(tmp_path, "users_api") as journal:
        assert journal.states == {}
    assert kept.what == "the journal is damaged"


def test_a_journal_may_be_as_large_as_the_limit_and_no_larger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / NAME).write_text(HEAD)
    monkeypatch.setattr("harness.batch.journal._MOST_BYTES", len(HEAD))
    with Journal(tmp_path, "users_api"):
        pass
    monkeypatch.setattr("harness.batch.journal._MOST_BYTES", len(HEAD) - 1)
    assert told(refuse(tmp_path)) == (
        UsageError, "no journal is that large", str(tmp_path / NAME), "", "name another --out",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("line", "detail"),
    [
        ("[]", "no JSON object"),
        ("nonsense", "Expecting value: line 1 column 1 (char 0)"),
        (
            json.dumps({"event": "started", "id": "a", "attempt": "x" * 300}),
            f"invalid literal for int() with base 10: '{'x' * 300}"[:200],
        ),
    ],
)
def test_a_damaged_line_is_told_with_its_number(line: str, detail: str, tmp_path: Path) -> None:
    (tmp_path / NAME).write_text(f"{HEAD}{line}\n")
    where = f"{tmp_path / NAME}:2"
    next_step = "put it back from a copy, or name another --out"
    assert told(refuse(tmp_path)) == (UsageError, "the journal is damaged", where, detail, next_step)


def test_a_journal_of_another_version_is_told_with_the_takehome_to_go_on_with(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text(json.dumps({"journal": "9" * 30, "challenge": "users_api"}) + "\n")
    assert told(refuse(tmp_path)) == (
        UsageError, f"a journal of version {'9' * 20}, and this takehome writes 1", str(tmp_path / NAME), "",
        "go on with the takehome that began it, or name another --out",
    )  # fmt: skip


def test_a_journal_of_another_challenge_is_told_with_both(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text(json.dumps({"journal": 1, "challenge": "x" * 70}) + "\n")
    assert told(refuse(tmp_path)) == (
        UsageError, f"this folder holds a batch of '{'x' * 60}', not of 'users_api'", str(tmp_path / NAME), "",
        "name another --out",
    )  # fmt: skip


def test_a_line_says_in_ascii_what_happened_to_which_submission_and_when_in_utc(tmp_path: Path) -> None:
    with Journal(tmp_path, "users_api") as journal:
        journal.tell("started", "a", name="Zoë")
        journal.tell("regrade", asked="all")
    head, first, second = (tmp_path / NAME).read_bytes().splitlines(keepends=True)
    assert head == HEAD.encode()
    assert first.isascii()
    line = json.loads(first)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", line.pop("time"))
    assert line == {"event": "started", "id": "a", "name": "Zoë"}
    assert set(json.loads(second)) == {"event", "time", "asked"}


def fail_to_sync(_: int) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_line_that_the_disk_refused_is_taken_back_and_did_not_happen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Journal(tmp_path, "users_api") as journal:
        with monkeypatch.context() as patched, pytest.raises(EnvironmentFault) as caught:
            patched.setattr(os, "fsync", fail_to_sync)
            journal.tell("graded", "a")
        assert told(caught.value) == (
            EnvironmentFault, "the journal can't be written", str(tmp_path / NAME),
            "[Errno 28] No space left on device", "make room; the same command goes on",
        )  # fmt: skip
        assert journal.states == {}
        assert (tmp_path / NAME).read_text() == HEAD
        journal.tell("graded", "b")
    with Journal(tmp_path, "users_api") as journal:
        assert set(journal.states) == {"b"}


def test_nothing_is_written_after_a_line_that_could_not_be_taken_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Journal(tmp_path, "users_api") as journal:

        def close_and_fail(descriptor: int) -> None:
            os.close(descriptor)
            raise OSError(errno.EIO, "Input/output error")

        with monkeypatch.context() as patched, pytest.raises(EnvironmentFault):
            patched.setattr(os, "fsync", close_and_fail)
            journal.tell("graded", "a")
        with pytest.raises(EnvironmentFault) as caught:
            journal.tell("graded", "b")
    assert told(caught.value) == (
        EnvironmentFault, "the journal can't be written", str(tmp_path / NAME), "it has been closed",
        "make room; the same command goes on",
    )  # fmt: skip
