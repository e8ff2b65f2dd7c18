from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from harness.runtime.processes import POD_PREFIX, SNAPSHOT_PREFIX, process_start, record_group, sign
from harness.sweep import sweep_processes

# The temporary folder that is named here is that of the whole process, and is swept.


@pytest.fixture(autouse=True)
def _own_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))


def abandoned(folder: Path) -> Path:
    """A folder of a run that has ended."""
    folder.mkdir()
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    (folder / "owner").write_text(f"{gone.pid} 1.00\n")
    return folder


def test_a_read_only_snapshot_of_a_run_that_is_gone_is_removed(tmp_path: Path) -> None:
    folder = abandoned(tmp_path / f"{SNAPSHOT_PREFIX}a")
    (folder / "source").mkdir()
    (folder / "source" / "app.py").write_text("")
    (folder / "source").chmod(0o555)
    assert sweep_processes() == [f"folder {folder.name}"]
    assert not folder.exists()


def test_a_folder_that_a_submission_has_closed_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = abandoned(tmp_path / f"{POD_PREFIX}a")
    (folder / "home" / "closed" / "below").mkdir(parents=True)
    (folder / "home" / "closed").chmod(0)
    scandir = os.scandir

    def as_others(place: int | str | Path) -> object:
        # Root may list what it has closed itself.
        if os.stat(place).st_mode & 0o500 != 0o500:
            raise PermissionError(13, "Permission denied", str(place))
        return scandir(place)

    monkeypatch.setattr(os, "scandir", as_others)
    sweep_processes()
    monkeypatch.undo()
    assert not folder.exists()


def test_a_folder_that_another_run_removes_at_this_moment_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = (abandoned(tmp_path / f"{POD_PREFIX}{name}") for name in "ab")

    looked_into = os.scandir

    def removed_meanwhile(place: str | Path) -> object:
        if Path(place) == first:
            monkeypatch.setattr(os, "scandir", looked_into)
            shutil.rmtree(first)
        return looked_into(place)

    monkeypatch.setattr(os, "scandir", removed_meanwhile)
    assert sweep_processes() == [f"folder {second.name}"]


def test_a_folder_of_a_run_that_goes_on_stays(tmp_path: Path) -> None:
    folder = tmp_path / f"{POD_PREFIX}a"
    folder.mkdir()
    sign(folder)
    assert sweep_processes() == []
    assert folder.exists()


def test_the_processes_of_an_abandoned_pod_are_ended(tmp_path: Path) -> None:
    folder = abandoned(tmp_path / f"{POD_PREFIX}a")
    left = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
    record_group(folder, left.pid)
    sweep_processes()
    assert left.wait(60) == -9


def test_a_number_that_another_process_has_now_is_left_alone(tmp_path: Path) -> None:
    folder = abandoned(tmp_path / f"{POD_PREFIX}a")
    other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
    try:
        (folder / "groups").write_text(f"{other.pid} 1.00\n")
        sweep_processes()
        assert process_start(other.pid)
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a folder of somebody else")
def test_a_folder_of_another_user_is_not_believed(tmp_path: Path) -> None:
    folder = abandoned(tmp_path / f"{POD_PREFIX}a")
    os.chown(folder, 65534, 65534)
    assert sweep_processes(everything=True) == []
    assert folder.exists()


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    target = abandoned(tmp_path / "precious")
    (tmp_path / f"{POD_PREFIX}a").symlink_to(target)
    assert sweep_processes(everything=True) == []
    assert target.exists()
