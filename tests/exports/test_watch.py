"""When a watched folder counts as changed."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.cli.watch import Watch
from harness.errors import UsageError

GENEROUS_S = 120.0
EDITORS = ("4913", ".main.py.swp", ".main.py.swo", "main.py~", ".#main.py", "#main.py#")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("app/main.py", ".venv/lib/x.py", "results/result.json"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("one")
    return tmp_path


def waiting(folder: Path) -> threading.Thread:
    watch = Watch(folder, skip=folder / "results")
    thread = threading.Thread(target=watch.wait, daemon=True)
    thread.start()
    return thread


@pytest.mark.parametrize(
    "change",
    [
        # Of another length: two times of one tick of the clock are the same.
        lambda folder: (folder / "app" / "main.py").write_text("two, and longer"),
        lambda folder: (folder / "app" / "main.py").unlink(),
        lambda folder: (folder / "app" / "new.txt").write_text(""),
        lambda folder: (folder / "app").rename(folder / "src"),
    ],
    ids=["edited", "removed", "made", "renamed"],
)
def test_other_contents_are_a_change(folder: Path, change: Callable[[Path], object]) -> None:
    thread = waiting(folder)
    change(folder)
    thread.join(GENEROUS_S)
    assert not thread.is_alive()


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: os.utime(folder / "app" / "main.py", (1, 1)),
        lambda folder: (folder / ".venv" / "lib" / "x.py").write_text("two"),
        lambda folder: (folder / "results" / "result.json").write_text("two"),
        lambda folder: [(folder / "app" / name).write_text("two") for name in EDITORS],
        lambda folder: (folder / ".vscode").mkdir() or (folder / ".vscode" / "settings.json").write_text("two"),
    ],
    ids=["saved as it was", "in an environment", "in the results", "of an editor", "in an editor's settings"],
)
def test_what_is_never_graded_is_no_change(folder: Path, change: Callable[[Path], object]) -> None:
    thread = waiting(folder)
    change(folder)
    thread.join(2.0)
    still = thread.is_alive()
    (folder / "app" / "main.py").write_text("two")
    thread.join(GENEROUS_S)
    assert (still, thread.is_alive()) == (True, False)


def test_a_file_is_no_folder_to_watch(folder: Path) -> None:
    with pytest.raises(UsageError, match="no folder to watch"):
        Watch(folder / "app" / "main.py")


def test_the_files_that_are_others_are_named(folder: Path) -> None:
    (folder / "app" / "old.py").write_text("")
    watch = Watch(folder, skip=folder / "results")
    (folder / "app" / "main.py").write_text("two")
    (folder / "app" / "old.py").rename(folder / "app" / "new.py")
    assert watch.wait() == ["app/main.py", "app/new.py", "app/old.py"]
