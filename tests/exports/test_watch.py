"""When a watched folder counts as changed."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.cli import watch
from harness.cli.watch import Watch
from harness.errors import UsageError

GENEROUS_S = 120.0
EDITORS = ("4913", ".main.py.swp", ".main.py.swo", "main.py~", ".#main.py", "#main.py#")


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look often: what these tests show doesn't depend on how often."""
    monkeypatch.setattr(watch, "_LOOK_S", 0.02)
    monkeypatch.setattr(watch, "_STILL_S", 0.1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("app/main.py", ".venv/lib/x.py", "results/result.json"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("one")
    return tmp_path


class Waiting:
    """A thread that waits for a change; `seen` is what has changed, once that was seen."""

    def __init__(self, folder: Path, skip: str = "results") -> None:
        self.seen: list[str] | None = None
        self._watch = Watch(folder, skip=folder / skip)
        self._thread = threading.Thread(target=self._wait, daemon=True)
        self._thread.start()

    def _wait(self) -> None:
        self.seen = self._watch.wait()

    def ended(self, patience_s: float = GENEROUS_S) -> list[str] | None:
        self._thread.join(patience_s)
        return self.seen


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
    waiting = Waiting(folder)
    change(folder)
    assert waiting.ended()


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
    waiting = Waiting(folder)
    change(folder)
    waiting.ended(0.1)
    (folder / "app" / "main.py").write_text("two, and longer")
    # Alone: what came before it was seen by no look.
    assert waiting.ended() == ["app/main.py"]


def test_results_beside_the_code_are_no_change_and_the_code_is(folder: Path) -> None:
    waiting = Waiting(folder, skip=".")
    for name in ("result.json", "report.html", ".result.json.abc"):
        (folder / name).write_text("new")
    waiting.ended(0.1)
    (folder / "app" / "main.py").write_text("two, and longer")
    assert waiting.ended() == ["app/main.py"]


def test_a_file_that_is_written_all_the_time_keeps_no_saved_file_waiting(folder: Path) -> None:
    waiting = Waiting(folder)
    (folder / "app" / "main.py").write_text("two, and longer")
    limit = time.monotonic() + GENEROUS_S
    with (folder / "server.log").open("a") as log:
        while waiting.seen is None:
            assert time.monotonic() < limit
            log.write("a line\n")
            log.flush()
            time.sleep(0.005)
    assert "app/main.py" in waiting.seen


def test_an_environment_of_any_name_is_not_looked_at(folder: Path) -> None:
    (folder / "env" / "lib").mkdir(parents=True)
    (folder / "env" / "pyvenv.cfg").write_text("")
    (folder / "env" / "bin").mkdir()
    (folder / "env" / "bin" / "python").symlink_to("/usr/bin/python3")
    waiting = Waiting(folder)
    (folder / "env" / "lib" / "x.py").write_text("new")
    waiting.ended(0.1)
    (folder / "app" / "main.py").write_text("two, and longer")
    assert waiting.ended() == ["app/main.py"]


def test_a_folder_that_is_removed_while_one_is_in_it_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    watched = Watch(Path())
    shutil.rmtree(folder)
    with pytest.raises(UsageError, match="no folder to watch"):
        watched.wait()


def test_a_file_is_no_folder_to_watch(folder: Path) -> None:
    with pytest.raises(UsageError, match="no folder to watch"):
        Watch(folder / "app" / "main.py")


def test_the_files_that_are_others_are_named(folder: Path) -> None:
    (folder / "app" / "old.py").write_text("")
    watched = Watch(folder, skip=folder / "results")
    (folder / "app" / "main.py").write_text("two")
    (folder / "app" / "old.py").rename(folder / "app" / "new.py")
    assert watched.wait() == ["app/main.py", "app/new.py", "app/old.py"]
