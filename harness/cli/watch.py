"""Watch: wait until the contents of a folder are others than they were. By looking: it works on every file system."""

from __future__ import annotations

import hashlib
import os
import re
import stat
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from harness.errors import UsageError
from harness.stored import is_written
from harness.submission.folder import is_environment
from harness.submission.names import is_stripped

_LOOK_S = 0.5
_STILL_S = 3.0
_MOST_ENTRIES = 50_000
_MOST_BYTES = 10 * 1024 * 1024

# What editors leave beside the files that they hold: vim's swap files and its trial whether it may write, back-ups,
# emacs's locks and saves; and where they keep their own settings.
_EDITORS_FILE = re.compile(r"4913\Z|\.#|#.*#\Z|.*(?:~|\.sw[op])\Z", re.DOTALL)
_EDITORS_FOLDERS = frozenset({".idea", ".vscode"})

# Path -> time of change (ns) and size.
Marks = dict[str, tuple[int, int]]
# Path -> digest of what is in it.
Contents = dict[str, bytes]


class Watch:
    """A folder that is watched; caches, environments, .git, editors' own files and `skip` are not looked at."""

    def __init__(self, folder: Path, skip: Path | None = None) -> None:
        # Absolute: the folder that we are in may be removed.
        self._named, self._folder = folder, Path(os.path.abspath(folder))
        self._skip = skip.resolve() if skip is not None else None
        self._marks = self._look()
        self._contents = _read(self._marks)

    def wait(self) -> list[str]:
        """Wait until the contents have changed, and have been still since the last look, or for three seconds.

        Returns which files are new, gone or others than they were, as paths in the folder.

        A file that was saved as it was is no change.

        Raises:
            UsageError: the folder is gone, or has more entries than a submission may have.
        """
        while True:
            time.sleep(_LOOK_S)
            marks = self._look()
            if marks == self._marks:
                continue
            # Something that is written all the time, a log say, must not keep a saved file waiting.
            limit = time.monotonic() + _STILL_S
            while (later := self._still()) != marks:
                marks = later
                if time.monotonic() > limit:
                    break
            self._marks = marks
            before, self._contents = self._contents, _read(marks)
            if self._contents != before:
                paths = {path for path, _ in before.items() ^ self._contents.items()}
                return sorted(os.path.relpath(path, self._folder) for path in paths)

    def _still(self) -> Marks:
        time.sleep(_LOOK_S)
        return self._look()

    def _look(self) -> Marks:
        return dict(self._entries())

    def _entries(self) -> Iterator[tuple[str, tuple[int, int]]]:
        count = 0
        if not os.path.isdir(self._folder):
            raise UsageError(
                "there is no folder to watch", where=str(self._named), next_step="name your project folder"
            )
        for where, folders, files in os.walk(self._folder):
            folders[:] = sorted(
                name
                for name in folders
                if not is_stripped((name,))
                and name not in _EDITORS_FOLDERS
                and not self._is_skipped(where, name)
                and not is_environment(os.path.join(where, name))
            )
            count += len(folders) + len(files)
            if count > _MOST_ENTRIES:
                raise UsageError(
                    f"more than {_MOST_ENTRIES:,} files are too many to watch", where=str(self._named),
                    next_step="name the folder of the project alone",
                )  # fmt: skip
            skipped = self._is_skipped(where)
            for name in sorted(files):
                if is_stripped((name,)) or _EDITORS_FILE.match(name) or (skipped and is_written(name)):
                    continue
                path = os.path.join(where, name)
                # What is removed or replaced while it is looked at shows at the next look.
                try:
                    found = os.lstat(path)
                except OSError:
                    continue
                if stat.S_ISREG(found.st_mode):
                    yield path, (found.st_mtime_ns, found.st_size)

    def _is_skipped(self, *where: str) -> bool:
        return self._skip is not None and Path(*where).resolve() == self._skip


def _read(marks: Marks) -> Contents:
    contents = {}
    for path, (_, size) in marks.items():
        digest = hashlib.sha256(f"{size}\0".encode())
        with suppress(OSError), open(path, "rb") as file:
            digest.update(file.read(_MOST_BYTES))
        contents[path] = digest.digest()
    return contents
