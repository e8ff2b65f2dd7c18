"""Writing a record and its report, whole or not at all, and the exit code that a record deserves."""

from __future__ import annotations

import errno
import os
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from harness.cli.console import err
from harness.errors import EnvironmentFault, TakehomeError, UsageError
from harness.problems import told_by
from harness.record import GradeRecord
from harness.reporting.html import render_html
from harness.reporting.reviews import Beside
from harness.stored import EARLIER, REFUSED, RESULT, WRITTEN, is_written, read_record

# Nobody writes for that long: what is older is of a run that was killed while it wrote.
_STALE_S = 600.0
REPORT = "report.html"


def prepare(folder: Path) -> None:
    """Make sure that results can be written, before anything is run.

    Raises:
        UsageError: they can't.
        EnvironmentFault: the disk is full, or broken.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
        _sweep(folder)
    except OSError as error:
        broken = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EIO)
        raise (EnvironmentFault if broken else UsageError)(
            "results can't be written there",
            where=f"--out {folder}",
            detail=str(error),
            next_step="make room, or name another folder" if broken else "name another folder",
        ) from error


def results_alone(folder: Path | None) -> Path | None:
    """The folder, if nothing but results is in it: so it is no part of a submission that it lies in."""
    if folder is None or not os.path.isdir(folder):
        return None
    return folder if all(is_written(name) or name == EARLIER for name in os.listdir(folder)) else None


def _sweep(folder: Path) -> None:
    for path in [found for name in WRITTEN for found in folder.glob(f".{name}.*")]:
        with suppress(OSError):
            if time.time() - path.lstat().st_mtime > _STALE_S:
                path.unlink()


def write(record: GradeRecord, folder: Path) -> tuple[Path, Path]:
    """Write `result.json` and `report.html`; returns both paths.

    Raises:
        EnvironmentFault: the disk refused; an earlier result is left as it was.
    """
    result, report = folder / RESULT, folder / REPORT
    earlier = _earlier(folder) if record.visible_only else None
    # The record last: where it is, all is.
    _replace_all({report: render_html(record, earlier=earlier), result: record.model_dump_json(indent=2) + "\n"})
    return result, report


def write_refusal(error: TakehomeError, folder: Path) -> None:
    """Write why a submission was not taken in, for the batch that asked."""
    problem = told_by(error).model_copy(update={"detail": error.detail[-2000:]})
    replace(folder / REFUSED, problem.model_dump_json() + "\n")


def _earlier(folder: Path) -> GradeRecord | None:
    """The result of the run before, to tell a candidate what has changed; one that can't be read tells nothing."""
    try:
        return read_record(folder) if (folder / RESULT).is_file() else None
    except UsageError:
        return None


def write_report(
    record: GradeRecord,
    path: Path,
    *,
    identity: bool = False,
    earlier: GradeRecord | None = None,
    review: Beside | None = None,
) -> None:
    """Write the report alone; see `render_html`.

    Raises:
        EnvironmentFault: the disk refused; an earlier report is left as it was.
    """
    replace(path, render_html(record, identity=identity, earlier=earlier, review=review))


def replace(path: Path, text: str) -> None:
    """Write a file, whole or not at all.

    Raises:
        EnvironmentFault: the disk refused; what was there before is left as it was.
    """
    _replace_all({path: text})


def _replace_all(texts: Mapping[Path, str]) -> None:
    """Write files, all or none unless somebody kills us in between; they take their places in this order."""
    made: dict[Path, Path] = {}
    path = Path()
    try:
        for path, text in texts.items():
            handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
            made[path] = Path(name)
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            made[path].chmod(0o644)
        for path, temporary in made.items():
            temporary.replace(path)
    except OSError as error:
        for temporary in made.values():
            temporary.unlink(missing_ok=True)
        raise EnvironmentFault(
            "the result can't be written",
            where=str(path),
            detail=str(error),
            next_step="make room or name another folder with --out",
        ) from error


def exit_code(record: GradeRecord, fail_under: float | None) -> int:
    """0 graded (gate met or none asked for), 1 gate missed, which is told, 3 not gradable, 4 our own fault."""
    if not record.gradable:
        return 4 if record.problem is not None and record.problem.fault == "harness" else 3
    value = record.score.value
    if fail_under is None or value is None or value >= fail_under:
        return 0
    # Of the decimals at least one, and as many as show that it is below.
    shown = next((round(value, digits) for digits in range(1, 5) if round(value, digits) < fail_under), value)
    err.print(f"{shown:.10g} points are below --fail-under {fail_under:.10g}", markup=False, highlight=False)
    return 1
