"""Snapshot: the read-only copy of a submission, and how entries become one."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from harness.errors import EnvironmentFault
from harness.submission.environments import Environments, Parts, lies_in
from harness.submission.intake import Intake, size
from harness.submission.names import Names, check, is_stripped, split


@dataclass(frozen=True)
class Entry:
    """One entry of a source. `kind` is "file", "folder", or what it is instead ("a symbolic link")."""

    name: str
    kind: str
    chunks: Callable[[], Iterator[bytes]]


@dataclass(frozen=True)
class Snapshot:
    """The submission as it is graded: files 0444, folders 0555, no links.

    `digest` is the sha256 over the sorted paths and contents, the same for a folder, an archive and a commit
    of one tree. A context manager: leaving it removes the copy.
    """

    path: Path
    id: str
    source: str
    digest: str
    files: int
    bytes: int

    def remove(self) -> None:
        """Delete the copy; doing so twice is fine."""
        remove_tree(self.path)

    def __enter__(self) -> Snapshot:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.remove()


@dataclass
class Tree:
    """What has been written: path to the sha256 of its content."""

    root: Path
    digests: dict[str, str] = field(default_factory=dict)
    bytes: int = 0

    def digest(self) -> str:
        """One digest for the whole tree, modes and empty folders aside."""
        whole = hashlib.sha256(b"takehome snapshot 1\n")
        for path in sorted(self.digests):
            whole.update(f"{path}\0{self.digests[path]}\n".encode())
        return whole.hexdigest()

    def drop(self, folders: set[Parts]) -> bool:
        """Remove these folders, unless that leaves nothing; whether it was done."""
        gone = {path for path in self.digests if lies_in(tuple(path.split("/")), folders)}
        if len(gone) == len(self.digests):
            return False
        with disk(self.root):
            self.bytes -= sum((self.root / path).stat().st_size for path in gone)
            for folder in folders:
                remove_tree(self.root.joinpath(*folder))
        self.digests = {path: digest for path, digest in self.digests.items() if path not in gone}
        return True

    def unwrap(self) -> None:
        """Make a folder that is alone at the top the root."""
        top = list(self.root.iterdir())
        if len(top) == 1 and top[0].is_dir():
            prefix = top[0].name + "/"
            self.root = top[0]
            self.digests = {path.removeprefix(prefix): value for path, value in self.digests.items()}


def write_tree(entries: Iterable[Entry], target: Path, intake: Intake) -> Tree:
    """Copy every entry that is kept into the new folder `target`; caps hold while the bytes stream.

    Virtual environments and the links that emacs has for locks are not kept, whatever the source is.

    Raises:
        UsageError: an entry is refused, or there are too many entries or bytes.
        EnvironmentFault: the disk failed, or the time is up.
    """
    names, environments = Names(intake), Environments()
    odd: list[tuple[Parts, Entry]] = []
    tree = Tree(target)
    limits = intake.limits
    target.mkdir()
    for scanned, entry in enumerate(entries, 1):
        intake.check_time()
        if scanned > limits.scanned:
            raise intake.refused(f"more than {limits.scanned:,} entries", next_step="leave generated files out")
        parts = split(entry.name, intake)
        if not parts or is_stripped(parts):
            continue
        check(parts, entry.name, intake)
        environments.note(parts)
        if entry.kind not in {"file", "folder"}:
            # Not refused at once: it may turn out to lie in an environment.
            if not (entry.kind == "a symbolic link" and parts[-1].startswith(".#")):
                odd.append((parts, entry))
            continue
        names.add(parts, entry.name, folder=entry.kind == "folder")
        if len(names) > limits.entries:
            raise intake.refused(
                f"more than {limits.entries:,} files and folders",
                next_step="leave out generated files, data and environments",
            )
        path = target.joinpath(*parts)
        with disk(path):
            (path if entry.kind == "folder" else path.parent).mkdir(parents=True, exist_ok=True)
        if entry.kind == "file":
            tree.digests["/".join(parts)] = _write_file(entry, path, tree, intake)
    folders = environments.found()
    if tree.drop(folders):
        odd = [(parts, entry) for parts, entry in odd if not lies_in(parts, folders)]
    if odd:
        _, entry = odd[0]
        raise intake.refused(
            f"an entry is {entry.kind}; only files and folders are taken",
            entry=entry.name,
            next_step="replace it with a plain file",
        )
    return tree


def _write_file(entry: Entry, path: Path, tree: Tree, intake: Intake) -> str:
    limits = intake.limits
    digest = hashlib.sha256()
    written = 0
    with disk(path):
        file = path.open("xb", buffering=0)
    with file:
        for chunk in entry.chunks():
            intake.check_time()
            written += len(chunk)
            tree.bytes += len(chunk)
            if written > limits.file_bytes:
                raise intake.refused(
                    f"a file is larger than {size(limits.file_bytes)}",
                    entry=entry.name,
                    next_step="leave large data out",
                )
            if tree.bytes > limits.total_bytes:
                raise intake.refused(
                    f"the submission is larger than {size(limits.total_bytes)}",
                    next_step="leave out generated files, data and environments",
                )
            digest.update(chunk)
            with disk(path):
                file.write(chunk)
    return digest.hexdigest()


@contextmanager
def disk(path: Path) -> Iterator[None]:
    """Our own writes failing is the machine's fault, whatever the entry was called."""
    try:
        yield
    except OSError as error:
        raise EnvironmentFault(
            "the copy of the submission could not be written",
            where=str(path.parent),
            detail=error.strerror or str(error),
            next_step="free some disk space, then run again",
        ) from error


def seal(root: Path) -> None:
    """Make the tree read-only: files 0444, folders 0555."""
    for folder, _, files in os.walk(root, topdown=False):
        for name in files:
            os.chmod(os.path.join(folder, name), 0o444)
        os.chmod(folder, 0o555)  # noqa: S103 - as readable as the files in it, by the user the service runs as


def remove_tree(root: Path) -> None:
    """Delete a tree of ours, sealed or not; a missing one is fine."""
    if not root.exists():
        return
    for folder, _, _ in os.walk(root):
        os.chmod(folder, 0o700)
    shutil.rmtree(root)
