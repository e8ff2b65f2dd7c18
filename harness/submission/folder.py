"""Entries of a folder as it lies on the disk."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from harness.submission.intake import CHUNK, Intake
from harness.submission.names import INTERPRETERS, MARK, is_stripped
from harness.submission.snapshot import Entry

_KINDS = {
    stat.S_IFREG: "file",
    stat.S_IFDIR: "folder",
    stat.S_IFLNK: "a symbolic link",
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFBLK: "a device",
    stat.S_IFCHR: "a device",
}


def kind_of(mode: int) -> str:
    """What a file mode says an entry is."""
    return _KINDS.get(stat.S_IFMT(mode), "of an unknown kind")


def is_environment(folder: str) -> bool:
    """Whether a folder is a virtual environment (PEP 405), whatever it is called."""
    return os.path.isfile(os.path.join(folder, MARK)) and any(
        os.path.lexists(os.path.join(folder, *parts)) for parts in INTERPRETERS
    )


def folder_entries(root: Path, intake: Intake, skip: frozenset[tuple[int, int]]) -> Iterator[Entry]:
    """Every entry below `root` in a stable order. Left out are stripped folders, those in `skip` (device and inode: our
    own work), and virtual environments of any name, which may be larger than a submission.

    A file with several hard links is copied like any other: installers link whole trees from a cache, and
    what a local file contains its owner could have copied just as well.

    Raises:
        UsageError: something can't be read.
    """
    pending = [(root, "")]
    while pending:
        folder, prefix = pending.pop()
        try:
            with os.scandir(folder) as found:
                items = sorted(found, key=lambda item: os.fsencode(item.name))
        except OSError as error:
            raise _unreadable(intake, prefix, error) from error
        for item in items:
            intake.check_time()
            if is_stripped((item.name,)):
                continue
            name = prefix + item.name
            try:
                found_as = item.stat(follow_symlinks=False)
            except OSError as error:
                raise _unreadable(intake, name, error) from error
            if (found_as.st_dev, found_as.st_ino) in skip:
                continue
            kind = kind_of(found_as.st_mode)
            if kind == "folder":
                if is_environment(item.path):
                    continue
                pending.append((Path(item.path), name + "/"))
            yield Entry(name, kind, partial(_chunks, Path(item.path), name, intake))


def _chunks(path: Path, name: str, intake: Intake) -> Iterator[bytes]:
    # What was listed may have been replaced since: no link is followed and no pipe is waited for.
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(handle, "rb", buffering=0) as file:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise intake.refused("a file changed while it was read", entry=name, next_step="run again")
            while chunk := file.read(CHUNK):
                yield chunk
    except OSError as error:
        raise _unreadable(intake, name, error) from error


def _unreadable(intake: Intake, name: str, error: OSError) -> Exception:
    return intake.refused(
        "a part of the submission can't be read",
        entry=name,
        detail=error.strerror or "",
        next_step="check its permissions",
    )
