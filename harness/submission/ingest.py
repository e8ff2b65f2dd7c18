"""Turning whatever was handed in into a Snapshot."""

from __future__ import annotations

import os
import re
import stat
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.errors import HarnessFault
from harness.submission.archive import archive_entries
from harness.submission.folder import folder_entries
from harness.submission.git import Commit, check_ref, is_repository, local_commit
from harness.submission.git_remote import check_url, is_url, public, remote_commit
from harness.submission.intake import Intake, Limits, shown
from harness.submission.snapshot import Entry, Snapshot, disk, remove_tree, seal, write_tree

_SUFFIX = re.compile(r"\.(?:zip|tar|tgz|tbz2?|txz|tar\.(?:gz|bz2|xz)|git)\Z", re.IGNORECASE)
_DEFAULT = Limits()


def ingest(
    source: str | Path, *, ref: str | None, workdir: Path, limits: Limits = _DEFAULT, beside: Path | None = None
) -> Snapshot:
    """Copy a folder, archive or commit to `workdir`/source, read-only, without running anything of it.

    With `ref` the source is a git repository and that commit is taken; a folder without `ref` is taken as it lies, but
    for a folder `beside` in it, which holds results.

    Raises:
        UsageError: it doesn't exist, is of no known kind, is refused for what is in it, or is too large.
        EnvironmentFault: disk or network failed, or the time is up.
        HarnessFault: `workdir` holds a snapshot already.
    """
    text = str(source)
    origin = public(text)
    intake = Intake(origin if origin.isprintable() else shown(origin), limits)
    mode = _mode(text, intake)
    # A folder may be called anything; what is not there and can't be printed is no name that somebody typed.
    if not text or text.startswith("-") or (mode is None and not text.isprintable()):
        raise intake.refused(
            "not the name of a submission", next_step="name a folder, an archive or a git repository (./-x, not -x)"
        )
    if ref is not None:
        check_ref(ref, intake)
    url = is_url(text, exists=mode is not None)
    if url:
        check_url(text, intake)
    elif mode is None:
        raise intake.refused("there is no such file or folder", next_step="check the path")
    with _workspace(workdir) as scratch:
        commit = _commit(text, ref, mode, scratch, intake) if not url else remote_commit(text, ref, scratch, intake)
        archive = commit is None and mode is not None and stat.S_ISREG(mode)
        ours = [workdir, scratch, *([beside] if beside is not None else [])]
        entries = commit.entries() if commit else _files(Path(text), mode, scratch, ours, intake)
        return _snapshot(entries, text, workdir, scratch, intake, unwrap=archive, commit=commit.id if commit else "")


def _mode(text: str, intake: Intake) -> int | None:
    try:
        return os.stat(text).st_mode
    except (FileNotFoundError, NotADirectoryError, ValueError):
        # ValueError: no path at all, with a zero in it, say.
        return None
    except OSError as error:
        raise intake.refused(
            "the submission can't be read", detail=error.strerror or "", next_step="check the path and its permissions"
        ) from error


def _commit(text: str, ref: str | None, mode: int | None, scratch: Path, intake: Intake) -> Commit | None:
    """The commit to take, or None when the files are taken as they lie."""
    path = Path(text)
    if mode is not None and stat.S_ISDIR(mode):
        if is_repository(path):
            return local_commit(path.resolve(), ref, scratch, intake)
        if ref is not None and os.path.exists(path / ".git"):
            return local_commit(path.resolve() / ".git", ref, scratch, intake)
    if ref is not None:
        raise intake.refused("not a git repository, so it has no --ref", next_step="leave --ref out")
    return None


def _files(path: Path, mode: int | None, scratch: Path, ours: Iterable[Path], intake: Intake) -> Iterable[Entry]:
    if mode is not None and stat.S_ISDIR(mode):
        found = [one.stat() for one in ours if os.path.exists(one)]
        return folder_entries(path, intake, frozenset((one.st_dev, one.st_ino) for one in found))
    if mode is not None and stat.S_ISREG(mode):
        return archive_entries(path, intake, scratch)
    raise intake.refused("neither a file nor a folder", next_step="hand in a folder, an archive or a git repository")


@contextmanager
def _workspace(workdir: Path) -> Iterator[Path]:
    if (workdir / "source").exists():
        raise HarnessFault("a snapshot is there already", where=str(workdir / "source"))
    with disk(workdir / "source"):
        workdir.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix="intake-", dir=workdir)).resolve()
    try:
        yield scratch
    finally:
        remove_tree(scratch)


def _snapshot(
    entries: Iterable[Entry], text: str, workdir: Path, scratch: Path, intake: Intake, *, unwrap: bool, commit: str
) -> Snapshot:
    tree = write_tree(entries, scratch / "tree", intake)
    if not tree.digests:
        raise intake.refused(
            "there are no files in it",
            detail="caches, environments and .git don't count",
            next_step="hand in the folder that contains pyproject.toml",
        )
    if unwrap:
        tree.unwrap()
    target = workdir / "source"
    with disk(target):
        tree.root.rename(target)
        try:
            seal(target)
        except BaseException:
            remove_tree(target)
            raise
    return Snapshot(
        path=target.resolve(),
        id=_identifier(text),
        source=f"{intake.origin}@{commit}" if commit else intake.origin,
        digest=tree.digest(),
        files=len(tree.digests),
        bytes=tree.bytes,
    )


def _identifier(text: str) -> str:
    """A name for files and pages: letters, digits, dot, dash and underscore, at most 64."""
    path = Path(text) if is_url(text, exists=False) else Path(os.path.abspath(text))
    name = path.parent.name if path.name == ".git" else path.name
    name = _SUFFIX.sub("", name.rpartition(":")[2])
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip(".-_")[:64] or "submission"
