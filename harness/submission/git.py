"""Entries of a commit, read from objects alone.

Nothing is checked out and nobody's configuration is read: no hook, filter, attribute, submodule, template or
helper takes part. A local repository is never opened as one: its refs are copied and its objects borrowed by
an empty repository of ours, since the configuration of a repository can name programs to run.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from harness.submission.git_process import Git, Process
from harness.submission.intake import CHUNK, Intake, shown, size
from harness.submission.names import is_stripped
from harness.submission.snapshot import Entry, disk

_REF = re.compile(r"(?![-+/])[\w./#@~^+=-]{1,200}\Z")
_REF_FILE_BYTES = 4_096
_PACKED_REFS_BYTES = 16 * 1024 * 1024
_REF_FILES = 50_000
_RECORD_BYTES = 64 * 1024
_KINDS = {
    b"100644": "file",
    b"100755": "file",
    b"100664": "file",
    b"120000": "a symbolic link",
    b"160000": "a submodule",
}


def check_ref(ref: str, intake: Intake) -> None:
    """Refuse what git could take for an option, a refspec or a range.

    Raises:
        UsageError: not the name of a branch, tag or commit.
    """
    if not _REF.match(ref) or ".." in ref or "@{" in ref:
        raise intake.refused(f"not a branch, tag or commit: {shown(ref)}", next_step="name one, such as main or v1.0")


def is_repository(path: Path) -> bool:
    """Whether a folder is a bare repository (or the .git of another)."""
    return os.path.isfile(path / "HEAD") and os.path.isdir(path / "objects") and os.path.isdir(path / "refs")


class Commit:
    """One commit in a repository of ours."""

    def __init__(self, git: Git, intake: Intake, revision: str, ref: str) -> None:
        self._git = git
        self._intake = intake
        self.id = git.ask("rev-parse", "--verify", "--quiet", "--end-of-options", revision + "^{commit}")
        if not re.fullmatch(r"[0-9a-f]{40,64}", self.id):
            raise intake.refused(
                f"no such branch, tag or commit: {shown(ref)}" if ref else "the repository has no commit",
                next_step="name one that exists with --ref" if ref else "commit the work, or grade the folder itself",
            )

    def entries(self) -> Iterator[Entry]:
        """Every entry of the commit's tree, folders implied.

        Raises:
            UsageError: an object is missing or damaged, or a name or kind is refused.
        """
        listed = list(self._list())
        with self._git.start("cat-file", "--batch") as objects:
            for name, kind, oid in listed:
                yield Entry(name, kind, partial(self._chunks, objects, oid, name))

    def _list(self) -> Iterator[tuple[str, str, bytes]]:
        count = 0
        with self._git.start("ls-tree", "-r", "-z", "--full-tree", self.id) as process:
            rest = b""
            while chunk := process.read(CHUNK):
                *records, rest = (rest + chunk).split(b"\0")
                count += len(records)
                if len(rest) > _RECORD_BYTES:
                    raise self._intake.refused("a name is too long", next_step="shorten it")
                if count > self._intake.limits.scanned:
                    raise self._intake.refused(
                        f"more than {self._intake.limits.scanned:,} entries", next_step="leave generated files out"
                    )
                for record in records:
                    head, _, raw = record.partition(b"\t")
                    mode, _, oid = head.split(b" ")
                    name = raw.decode(errors="surrogateescape")
                    if not is_stripped(tuple(name.split("/"))):
                        yield name, _KINDS.get(mode, "of an unknown kind"), oid
            self._intake.check_time()
            if process.wait() or rest:
                raise self._damaged()

    def _chunks(self, objects: Process, oid: bytes, name: str) -> Iterator[bytes]:
        objects.write(oid + b"\n")
        head = objects.line().split()
        self._intake.check_time()
        if len(head) != 3 or head[1] != b"blob":
            raise self._damaged(name)
        left = int(head[2])
        if left > self._intake.limits.file_bytes:
            raise self._intake.refused(
                f"a file is larger than {size(self._intake.limits.file_bytes)}",
                entry=name,
                next_step="leave large data out",
            )
        while left:
            chunk = objects.read(min(left, CHUNK))
            self._intake.check_time()
            if not chunk:
                raise self._damaged(name)
            left -= len(chunk)
            yield chunk
        objects.read(1)

    def _damaged(self, name: str = "") -> Exception:
        return self._intake.refused(
            "the repository lacks objects of this commit, or they are damaged",
            entry=name,
            next_step="make a full clone (not a partial one), check it with `git fsck`, and hand that in",
        )


def local_commit(repository: Path, ref: str | None, scratch: Path, intake: Intake) -> Commit:
    """The commit of a repository on this machine; `repository` is bare, or the .git of another.

    Raises:
        UsageError: an unusual repository, or no such commit.
        EnvironmentFault: git is missing or the disk failed.
    """
    objects = repository / "objects"
    odd = not is_repository(repository) or repository.is_symlink() or objects.is_symlink()
    if odd or any((objects / "info" / name).exists() for name in ("alternates", "http-alternates")):
        raise intake.refused(
            "not a repository that stands alone (a linked worktree, a shared or a damaged one)",
            next_step="make a full clone (`git clone --no-local`) and hand that in",
        )
    git = Git(scratch / "repository", intake, protocols="")
    try:
        _copy_refs(repository, git.folder, intake)
    except OSError as error:
        raise intake.refused(
            "the repository can't be read", detail=error.strerror or "", next_step="check its permissions"
        ) from error
    borrowed = str(objects.resolve())
    if "\n" in borrowed:
        raise intake.refused("a line break in the path", next_step="rename the folder")
    with disk(git.folder):
        (git.folder / "objects" / "info").mkdir(exist_ok=True)
        (git.folder / "objects" / "info" / "alternates").write_text(borrowed + "\n")
    return Commit(git, intake, ref or "HEAD", ref or "")


def _copy_refs(source: Path, target: Path, intake: Intake) -> None:
    _copy(source / "HEAD", target / "HEAD", _REF_FILE_BYTES)
    _copy(source / "packed-refs", target / "packed-refs", _PACKED_REFS_BYTES)
    count = 0
    for folder, _, files in os.walk(source / "refs"):
        for name in files:
            count += 1
            intake.check_time()
            if count > _REF_FILES:
                raise intake.refused("too many branches and tags", next_step="run `git pack-refs --all`")
            path = Path(folder, name)
            copy = target / path.relative_to(source)
            copy.parent.mkdir(parents=True, exist_ok=True)
            _copy(path, copy, _REF_FILE_BYTES)


def _copy(source: Path, target: Path, cap: int) -> None:
    """Copy a small regular file; anything else is no ref, and left."""
    try:
        handle = os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    with os.fdopen(handle, "rb") as file:
        if stat.S_ISREG(os.fstat(handle).st_mode) and len(data := file.read(cap + 1)) <= cap:
            target.write_bytes(data)
