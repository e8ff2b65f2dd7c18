"""Results: where the grades of a batch lie, each put there whole by one rename."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from harness.errors import EnvironmentFault, UsageError
from harness.record import GradeRecord
from harness.stored import EARLIER, RESULT, WRITTEN, read_earlier, read_record

_WORK, _ATTEMPT = ".work", ".attempt"


@dataclass(frozen=True)
class Results:
    """`FOLDER/ID/result.json` is a grade, `FOLDER/ID/earlier/N` one that it took the place of."""

    folder: Path

    def work(self, id_: str, attempt: int) -> Path:
        """Where an attempt writes; nobody else does."""
        return self.folder / _WORK / f"{id_}.{attempt}"

    def read(self, id_: str) -> GradeRecord | None:
        """The grade that lies there; None when there is none, or none that can be read."""
        try:
            return read_record(self.folder / id_)
        except UsageError:
            return None

    def there(self, id_: str) -> bool:
        """Whether a grade lies there, readable or not."""
        return (self.folder / id_ / RESULT).is_file()

    def is_foreign(self, id_: str) -> bool:
        """Whether something lies there that no grade made, and that must not be moved."""
        place = self.folder / id_
        return place.exists() and not any((place / name).is_file() for name in (RESULT, _ATTEMPT))

    def earlier(self, id_: str) -> list[GradeRecord]:
        """The grades that it took the place of."""
        return read_earlier(self.folder / id_)

    def written(self, id_: str, attempt: int) -> GradeRecord | None:
        """The grade that an attempt had written, but that was not in its place, when the batch was killed."""
        try:
            return read_record(self.work(id_, attempt))
        except UsageError:
            return None

    def in_place(self, id_: str, attempt: int) -> bool:
        """Whether what lies there is this attempt's."""
        try:
            return (self.folder / id_ / _ATTEMPT).read_text("ascii") == str(attempt)
        except (OSError, UnicodeDecodeError):
            return False

    def keep(self, id_: str, attempt: int) -> None:
        """Put an attempt's grade in its place; what lay there becomes an earlier one.

        Raises:
            EnvironmentFault: the disk refused.
        """
        work, place = self.work(id_, attempt), self.folder / id_
        try:
            (work / _ATTEMPT).write_text(str(attempt), "ascii")
            old = place.is_dir()
            if old:
                self._set_aside(place, work)
                away = self.folder / _WORK / f"{id_}.{attempt}.old"
                place.rename(away)
            work.rename(place)
            _sync(self.folder)
            if old:
                shutil.rmtree(away, ignore_errors=True)
        except OSError as error:
            raise EnvironmentFault(
                "a result can't be put in its place",
                where=str(place),
                detail=str(error),
                next_step="make room; the same command goes on",
            ) from error

    def _set_aside(self, place: Path, work: Path) -> None:
        """The grade that lies there becomes the latest of the earlier ones of the new one.

        What people have put beside it (reviews) stays beside it, and comes along.
        """
        # Begun by one that was killed at it.
        shutil.rmtree(work / EARLIER, ignore_errors=True)
        before = place / EARLIER
        numbers = [int(path.name) for path in before.iterdir() if path.name.isdecimal()] if before.is_dir() else []
        if before.is_dir():
            shutil.copytree(before, work / EARLIER, dirs_exist_ok=True)
        here = work / EARLIER / str(max(numbers, default=0) + 1)
        shutil.copytree(place, here, ignore=lambda where, _names: [EARLIER, _ATTEMPT] if Path(where) == place else [])
        for path in place.iterdir():
            # Over what one that ended at it may have left of it.
            if path.is_file() and path.name not in (_ATTEMPT, *WRITTEN):
                shutil.copy2(path, work / path.name)

    def restore(self) -> None:
        """Put back what was moved away by a batch that was killed between two renames, whoever is graded now."""
        for away in (self.folder / _WORK).glob("*.old"):
            place = self.folder / away.name.removesuffix(".old").rpartition(".")[0]
            if away.is_dir() and not place.exists():
                away.rename(place)

    def clear(self, id_: str, attempt: int) -> None:
        """Remove what an attempt of that number may have left, told in a journal that was lost since."""
        shutil.rmtree(self.work(id_, attempt), ignore_errors=True)
        if self.in_place(id_, attempt):
            with suppress(OSError):
                # Its grade stays there; this attempt's it is not.
                (self.folder / id_ / _ATTEMPT).write_text("0", "ascii")

    def prepare(self) -> None:
        """Make the folder for attempts.

        Raises:
            EnvironmentFault: the disk refused.
        """
        try:
            (self.folder / _WORK).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise EnvironmentFault(
                "results can't be written there", where=str(self.folder), detail=str(error)
            ) from error

    def sweep(self) -> None:
        """Remove what attempts left that came to nothing."""
        shutil.rmtree(self.folder / _WORK, ignore_errors=True)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
