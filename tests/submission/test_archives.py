"""Zip and tar archives: what is taken, and that every hostile one is refused and leaves nothing behind."""

from __future__ import annotations

import re
import tracemalloc
from pathlib import Path

import pytest

from harness.errors import EnvironmentFault, UsageError
from harness.submission import Limits, ingest
from tests.submission.hostile import CATALOGUE, zipped
from tests.submission.trees import SERVICE, as_tar, as_zip


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_hostile_archive_is_refused_by_name_and_leaves_nothing(name: str, tmp_path: Path) -> None:
    hostile = CATALOGUE[name]
    archive = tmp_path / "submission"
    archive.write_bytes(hostile.make())
    with pytest.raises(UsageError) as refused:
        ingest(archive, ref=None, workdir=tmp_path / "work")
    assert re.search(hostile.says, str(refused.value)), str(refused.value)
    assert hostile.names in refused.value.where
    assert refused.value.next_step
    assert list((tmp_path / "work").iterdir()) == []
    assert sorted(p.name for p in tmp_path.iterdir()) == ["submission", "work"]


@pytest.mark.parametrize("name", ["tar: endless sparse map", "tar: giant extended header", "zip: giant directory"])
def test_a_header_cannot_make_us_hold_much_memory(name: str, tmp_path: Path) -> None:
    archive = tmp_path / "submission"
    archive.write_bytes(CATALOGUE[name].make())
    tracemalloc.start()
    try:
        with pytest.raises(UsageError):
            ingest(archive, ref=None, workdir=tmp_path / "work")
        assert tracemalloc.get_traced_memory()[1] < 40 * 1024 * 1024
    finally:
        tracemalloc.stop()


def test_a_refusal_never_prints_the_control_characters_of_a_name(tmp_path: Path) -> None:
    archive = tmp_path / "a.zip"
    archive.write_bytes(zipped("app/\x1b]0;x\x07.py"))
    with pytest.raises(UsageError) as refused:
        ingest(archive, ref=None, workdir=tmp_path / "work")
    assert "\x1b" not in str(refused.value)
    assert "\x07" not in str(refused.value)


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
def test_a_tar_in_every_compression_is_taken_whatever_it_is_called(mode: str, tmp_path: Path) -> None:
    with ingest(as_tar(tmp_path / "work.zip", SERVICE, mode), ref=None, workdir=tmp_path / "w") as snapshot:
        assert (snapshot.path / "README.md").read_text() == "ü\n"
        assert snapshot.files == 4


def test_an_xz_of_several_streams_is_taken(tmp_path: Path) -> None:
    import lzma

    data = as_tar(tmp_path / "a.tar", SERVICE, "w").read_bytes()
    several = lzma.compress(data[:3000]) + bytes(8) + lzma.compress(data[3000:]) + bytes(4)
    (tmp_path / "a.tar.xz").write_bytes(several)
    with ingest(tmp_path / "a.tar.xz", ref=None, workdir=tmp_path / "w") as snapshot:
        assert snapshot.files == 4


def test_a_single_top_folder_of_an_archive_is_unwrapped(tmp_path: Path) -> None:
    with ingest(as_zip(tmp_path / "a.zip", SERVICE, "jane-main/"), ref=None, workdir=tmp_path / "w") as snapshot:
        assert (snapshot.path / "app" / "main.py").is_file()


def test_what_a_mac_adds_to_an_archive_does_not_hinder_unwrapping(tmp_path: Path) -> None:
    added = {"__MACOSX/jane/._app": "", "._jane": "", "jane/.DS_Store": ""}
    files = {**{f"jane/{name}": content for name, content in SERVICE.items()}, **added}
    with ingest(as_zip(tmp_path / "a.zip", files), ref=None, workdir=tmp_path / "w") as snapshot:
        assert snapshot.files == 4
        assert (snapshot.path / "pyproject.toml").is_file()


def test_a_name_written_in_utf_8_without_the_flag_is_read_as_utf_8(tmp_path: Path) -> None:
    data = zipped("app/xx.py", "pyproject.toml").replace(b"app/xx.py", "app/ü.py".encode())
    (tmp_path / "a.zip").write_bytes(data)
    with ingest(tmp_path / "a.zip", ref=None, workdir=tmp_path / "w") as snapshot:
        assert (snapshot.path / "app" / "ü.py").is_file()


def test_an_environment_inside_an_archive_is_dropped_without_being_unpacked(tmp_path: Path) -> None:
    dropped = {".venv/lib/big": bytes(20 * 1024 * 1024), "app/__pycache__/main.pyc": b"x", "x.pyc": b"x"}
    files: dict[str, str | bytes] = {**SERVICE, **dropped}
    with ingest(as_zip(tmp_path / "a.zip", files), ref=None, workdir=tmp_path / "w") as snapshot:
        assert snapshot.files == 4
        assert not (snapshot.path / ".venv").exists()


def test_an_archive_larger_than_the_limit_is_refused_unread(tmp_path: Path) -> None:
    archive = as_zip(tmp_path / "a.zip", SERVICE)
    with pytest.raises(UsageError, match="the archive is larger than 10 bytes"):
        ingest(archive, ref=None, workdir=tmp_path / "w", limits=Limits(archive_bytes=10))


def test_running_out_of_time_is_nobodys_fault_and_leaves_nothing(tmp_path: Path) -> None:
    archive = as_zip(tmp_path / "a.zip", SERVICE)
    with pytest.raises(EnvironmentFault, match="took longer than 0 s"):
        ingest(archive, ref=None, workdir=tmp_path / "w", limits=Limits(seconds=0))
    assert list((tmp_path / "w").iterdir()) == []
