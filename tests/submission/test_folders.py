"""Folders, what every source has in common, and that the digest depends on the tree alone."""

from __future__ import annotations

import os
import socket
import stat
import tarfile
from pathlib import Path

import pytest

from harness.errors import HarnessFault, UsageError
from harness.submission import Limits, ingest
from tests.submission.trees import SERVICE, as_tar, as_zip, git, repository, write


def test_a_folder_is_copied_read_only(tmp_path: Path) -> None:
    source = write(tmp_path / "jane", SERVICE)
    snapshot = ingest(source, ref=None, workdir=tmp_path / "w")
    assert snapshot.path == tmp_path / "w" / "source"
    assert (snapshot.id, snapshot.source) == ("jane", str(source))
    assert snapshot.bytes == sum(len(c.encode()) for c in SERVICE.values())
    for folder, _, files in os.walk(snapshot.path):
        assert stat.S_IMODE(os.stat(folder).st_mode) == 0o555
        assert {stat.S_IMODE(os.stat(os.path.join(folder, f)).st_mode) for f in files} <= {0o444}


def test_the_digest_is_that_of_the_tree_whatever_it_came_in(tmp_path: Path) -> None:
    folder = write(tmp_path / "folder", {**SERVICE, "app/__pycache__/main.cpython-311.pyc": b"x"})
    (folder / "empty").mkdir()
    (folder / "app" / "main.py").chmod(0o755)
    committed = repository(tmp_path / "committed")
    sources = [
        (folder, None),
        (committed, None),
        (committed, "main"),
        (committed / ".git", None),
        (as_zip(tmp_path / "a.zip", dict(reversed(SERVICE.items()))), None),
        (as_zip(tmp_path / "b.zip", SERVICE, "jane/"), None),
        (as_tar(tmp_path / "a.tar", SERVICE, "w"), None),
        (as_tar(tmp_path / "a.txz", SERVICE, "w:xz", "./"), None),
    ]
    digests = []
    for number, (source, ref) in enumerate(sources):
        with ingest(source, ref=ref, workdir=tmp_path / f"w{number}") as snapshot:
            digests.append((snapshot.digest, snapshot.files, snapshot.bytes))
    assert len(set(digests)) == 1


def with_left_overs(folder: Path) -> Path:
    """A project with an environment, an open buffer of emacs, and results."""
    write(folder, {**SERVICE, "env/pyvenv.cfg": "", "env/lib/x.py": "x", "takehome-results/x": "x"})
    (folder / "env" / "bin").mkdir()
    (folder / "env" / "bin" / "python").symlink_to("/usr/bin/python3")
    (folder / "env" / "lib64").symlink_to("lib")
    (folder / "app" / ".#main.py").symlink_to("jane@host.1:1")
    return folder


@pytest.mark.parametrize("how", ["folder", "tar", "wrapped", "commit"])
def test_what_tools_leave_in_a_project_is_no_part_of_it_whatever_it_came_in(how: str, tmp_path: Path) -> None:
    folder = with_left_overs(tmp_path / "jane")
    source, ref = folder, None
    if how in ("tar", "wrapped"):
        source = tmp_path / "jane.tar"
        with tarfile.open(source, "w") as archive:
            archive.add(folder, "jane" if how == "wrapped" else ".")
    if how == "commit":
        git(folder, "init", "--quiet")
        git(folder, "add", "--all", "--force")
        git(folder, "commit", "--quiet", "-m", "all")
        ref = "HEAD"
    with (
        ingest(write(tmp_path / "plain", SERVICE), ref=None, workdir=tmp_path / "w1") as plain,
        ingest(source, ref=ref, workdir=tmp_path / "w2") as snapshot,
    ):
        assert (snapshot.digest, snapshot.files, snapshot.bytes) == (plain.digest, plain.files, plain.bytes)
        assert not (snapshot.path / "env").exists()


@pytest.mark.parametrize("how", ["folder", "tar"])
def test_code_beside_the_mark_of_an_environment_alone_is_taken(how: str, tmp_path: Path) -> None:
    files = {**SERVICE, "app/pyvenv.cfg": ""}
    source = write(tmp_path / "jane", files) if how == "folder" else as_tar(tmp_path / "jane.tar.gz", files)
    with ingest(source, ref=None, workdir=tmp_path / "w") as snapshot:
        assert snapshot.files == len(files)


def test_a_project_that_is_an_environment_itself_is_not_dropped(tmp_path: Path) -> None:
    files = {f"jane/{name}": text for name, text in SERVICE.items()} | {"jane/pyvenv.cfg": "", "jane/bin/python": "x"}
    with ingest(as_tar(tmp_path / "jane.tar.gz", files), ref=None, workdir=tmp_path / "w") as snapshot:
        assert snapshot.files == len(files)


def test_a_folder_of_results_beside_the_code_is_no_part_of_it(tmp_path: Path) -> None:
    folder = write(tmp_path / "jane", {**SERVICE, "mine/result.json": "{}"})
    with ingest(folder, ref=None, workdir=tmp_path / "w", beside=folder / "mine") as snapshot:
        assert snapshot.files == len(SERVICE)


@pytest.mark.parametrize("change", [{"README.md": "u\n"}, {"README.txt": "ü\n"}])
def test_the_digest_changes_with_a_content_or_a_name(change: dict[str, str], tmp_path: Path) -> None:
    with ingest(write(tmp_path / "a", SERVICE), ref=None, workdir=tmp_path / "w1") as snapshot:
        before = snapshot.digest
    with ingest(write(tmp_path / "b", {**SERVICE, **change}), ref=None, workdir=tmp_path / "w2") as snapshot:
        assert snapshot.digest != before


def test_leaving_the_context_removes_the_copy_and_removing_twice_is_fine(tmp_path: Path) -> None:
    with ingest(write(tmp_path / "a", SERVICE), ref=None, workdir=tmp_path / "w") as snapshot:
        assert snapshot.path.is_dir()
    assert list((tmp_path / "w").iterdir()) == []
    snapshot.remove()


def test_caches_environments_and_repositories_are_left_out(tmp_path: Path) -> None:
    left_out = [
        ".git/config",
        "app/__pycache__/x.pyc",
        ".mypy_cache/x",
        ".pytest_cache/x",
        ".ruff_cache/x",
        ".venv/bin/python",
        "venv/pyvenv.cfg",
        "web/node_modules/x.js",
        "app/old.pyc",
        ".DS_Store",
    ]
    source = write(tmp_path / "a", {**SERVICE, **dict.fromkeys(left_out, "x")})
    (source / ".venv" / "link").symlink_to("/etc")
    (source / "web" / "node_modules" / "link").symlink_to("/etc")
    with ingest(source, ref=None, workdir=tmp_path / "w") as snapshot:
        names = {p.relative_to(snapshot.path).as_posix() for p in snapshot.path.rglob("*") if p.is_file()}
    assert names == set(SERVICE)


def test_an_environment_that_is_a_symlink_is_left_out(tmp_path: Path) -> None:
    source = write(tmp_path / "a", SERVICE)
    (source / ".venv").symlink_to("/usr")
    with ingest(source, ref=None, workdir=tmp_path / "w") as snapshot:
        assert snapshot.files == len(SERVICE)


@pytest.mark.parametrize("target", ["/etc/passwd", "main.py", "../..", "nowhere"])
def test_a_symlink_in_a_folder_is_refused_wherever_it_points(target: str, tmp_path: Path) -> None:
    source = write(tmp_path / "a", SERVICE)
    (source / "app" / "link.py").symlink_to(target)
    with pytest.raises(UsageError, match="symbolic link") as refused:
        ingest(source, ref=None, workdir=tmp_path / "w")
    assert "app/link.py" in refused.value.where
    assert list((tmp_path / "w").iterdir()) == []


def test_a_named_pipe_in_a_folder_is_refused_without_waiting_for_it(tmp_path: Path) -> None:
    source = write(tmp_path / "a", SERVICE)
    os.mkfifo(source / "app" / "pipe")
    with pytest.raises(UsageError, match="a named pipe"):
        ingest(source, ref=None, workdir=tmp_path / "w")


def test_a_socket_in_a_folder_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = write(tmp_path / "a", SERVICE)
    monkeypatch.chdir(source)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("s")
        with pytest.raises(UsageError, match="a socket"):
            ingest(source, ref=None, workdir=tmp_path / "w")


def test_a_folder_with_a_name_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    source = write(tmp_path / "a", SERVICE)
    with open(os.fsencode(source) + b"/\xff.py", "wb"):
        pass
    with pytest.raises(UsageError, match="not UTF-8"):
        ingest(source, ref=None, workdir=tmp_path / "w")


def test_a_file_with_two_hard_links_is_copied(tmp_path: Path) -> None:
    source = write(tmp_path / "a", SERVICE)
    os.link(source / "README.md", tmp_path / "elsewhere")
    with ingest(source, ref=None, workdir=tmp_path / "w") as snapshot:
        assert os.stat(snapshot.path / "README.md").st_nlink == 1


@pytest.mark.parametrize(
    ("limits", "says"),
    [
        (Limits(entries=5), "more than 5 files and folders"),
        (Limits(file_bytes=100), "a file is larger than 100 bytes"),
        (Limits(total_bytes=100), "the submission is larger than 100 bytes"),
        (Limits(depth=1), "nested deeper than 1"),
        (Limits(scanned=2), "more than 2 entries"),
    ],
)
def test_a_folder_keeps_to_the_limits(limits: Limits, says: str, tmp_path: Path) -> None:
    source = write(tmp_path / "a", {**SERVICE, "z": "z"})
    with pytest.raises(UsageError, match=says):
        ingest(source, ref=None, workdir=tmp_path / "w", limits=limits)
    assert list((tmp_path / "w").iterdir()) == []


def test_files_that_tools_obey_are_kept_as_plain_files(tmp_path: Path) -> None:
    names = ["Dockerfile", ".dockerignore", "sitecustomize.py", "usercustomize.py", "x.pth", "conftest.py"]
    source = write(tmp_path / "a", {**SERVICE, **dict.fromkeys(names, "raise SystemExit('run')\n")})
    with ingest(source, ref=None, workdir=tmp_path / "w") as snapshot:
        assert all((snapshot.path / name).read_text().startswith("raise") for name in names)


def test_a_working_directory_inside_the_submission_is_not_part_of_it(tmp_path: Path) -> None:
    source = write(tmp_path / "a", {**SERVICE, ".takehome/old/report.html": "x"})
    with ingest(source, ref=None, workdir=source / ".takehome") as snapshot:
        assert snapshot.files == len(SERVICE)
    with ingest(source, ref=None, workdir=source) as snapshot:
        assert not any("intake" in p.name for p in snapshot.path.rglob("*"))


def test_a_second_snapshot_in_one_working_directory_is_our_bug(tmp_path: Path) -> None:
    source = write(tmp_path / "a", SERVICE)
    with ingest(source, ref=None, workdir=tmp_path / "w"), pytest.raises(HarnessFault, match="there already"):
        ingest(source, ref=None, workdir=tmp_path / "w")


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("nowhere", "no such file or folder"),
        ("", "not the name"),
        ("-rf", "not the name"),
        ("a\x1bb", "not the name"),
        ("a\0b", "not the name"),
        ("a\ud800b", "not the name"),
        ("/dev/null", "neither a file nor a folder"),
        ("a/" * 3000, "can't be read"),
    ],
)
def test_what_is_no_submission_is_refused(
    source: str, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=says) as refused:
        ingest(source, ref=None, workdir=tmp_path / "w")
    assert "\x1b" not in str(refused.value)


@pytest.mark.parametrize("name", ["two\nlines", "bell\x07", "\x1b[31mred", "nbsp\xa0", "half\udc80", "rtl\u202e"])
def test_a_folder_may_be_called_anything(name: str, tmp_path: Path) -> None:
    source = write(tmp_path / name, SERVICE)
    with ingest(source, ref=None, workdir=tmp_path / "w") as snapshot:
        assert snapshot.id.isascii()
        assert snapshot.source.isprintable()
        assert snapshot.files == len(SERVICE)


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a" / ".git").mkdir(parents=True)
    with pytest.raises(UsageError, match="no files"):
        ingest(tmp_path / "a", ref=None, workdir=tmp_path / "w")


def test_a_reference_needs_a_repository(tmp_path: Path) -> None:
    for source in (write(tmp_path / "a", SERVICE), as_zip(tmp_path / "a.zip", SERVICE)):
        with pytest.raises(UsageError, match="not a git repository"):
            ingest(source, ref="main", workdir=tmp_path / "w")


@pytest.mark.parametrize(
    ("name", "identifier"),
    [
        ("Jane Doe", "Jane-Doe"),
        ("jane.v2.tar.gz", "jane.v2"),
        ("..x", "x"),
        ("ü", "submission"),
        ("a" * 90, "a" * 64),
    ],
)
def test_the_id_is_a_clean_name(name: str, identifier: str, tmp_path: Path) -> None:
    with ingest(write(tmp_path / name, SERVICE), ref=None, workdir=tmp_path / "w") as snapshot:
        assert snapshot.id == identifier


def test_the_id_of_the_current_folder_is_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(write(tmp_path / "jane", SERVICE))
    with ingest(".", ref=None, workdir=tmp_path / "w") as snapshot:
        assert (snapshot.id, snapshot.source) == ("jane", ".")
