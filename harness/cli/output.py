"""Writing a record and its report, whole or not at all, and the exit code that a record deserves."""

from __future__ import annotations

import os
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from harness.errors import EnvironmentFault, UsageError
from harness.record import GradeRecord, Problem
from harness.reporting.html import render_html
from harness.reporting.reviews import Beside
from harness.stored import REFUSED, RESULT, read_record

# Nobody writes for that long: what is older is of a run that was killed while it wrote.
_STALE_S = 600.0
_OURS = (RESULT, "report.html", "junit.xml", "takehome.sarif", "gl-code-quality-report.json")


def prepare(folder: Path) -> None:
    """Make sure that results can be written, before anything is run.

    Raises:
        UsageError: they can't.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
        _sweep(folder)
    except OSError as error:
        raise UsageError(
            "results can't be written there",
            where=f"--out {folder}",
            detail=str(error),
            next_step="name another folder",
        ) from error


def _sweep(folder: Path) -> None:
    for path in [found for name in _OURS for found in folder.glob(f".{name}.*")]:
        with suppress(OSError):
            if time.time() - path.lstat().st_mtime > _STALE_S:
                path.unlink()


def write(record: GradeRecord, folder: Path) -> tuple[Path, Path]:
    """Write `result.json` and `report.html`; returns both paths.

    Raises:
        EnvironmentFault: the disk refused; an earlier result is left as it was.
    """
    result, report = folder / RESULT, folder / "report.html"
    earlier = _earlier(folder) if record.visible_only else None
    replace(result, record.model_dump_json(indent=2) + "\n")
    write_report(record, report, earlier=earlier)
    return result, report


def write_refusal(error: UsageError, folder: Path) -> None:
    """Write why a submission was not taken in, for the batch that asked."""
    problem = Problem(fault="submission", what=error.what, where=error.where, next_step=error.next_step)
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
    name = ""
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except OSError as error:
        if name:
            Path(name).unlink(missing_ok=True)
        raise EnvironmentFault(
            "the result can't be written",
            where=str(path),
            detail=str(error),
            next_step="make room or name another folder with --out",
        ) from error


def exit_code(record: GradeRecord, fail_under: float | None) -> int:
    """0 graded (gate met or none asked for), 1 gate missed, 3 not gradable, 4 our own fault."""
    if not record.gradable:
        return 4 if record.problem is not None and record.problem.fault == "harness" else 3
    value = record.score.value
    return 1 if fail_under is not None and value is not None and value < fail_under else 0
