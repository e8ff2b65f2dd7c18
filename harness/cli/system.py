"""System: what an error of the operating system says to a user, where it is no bug of ours."""

from __future__ import annotations

import errno

from harness.errors import EnvironmentFault, TakehomeError, UsageError
from harness.reporting.text import one_line

_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO)


def told_of(error: OSError) -> TakehomeError | None:
    """What to tell of it; None where it may be our bug."""
    where, detail = one_line(str(error.filename or "")), one_line(error.strerror or str(error))
    if isinstance(error, PermissionError):
        return UsageError("something may not be read or written", where=where, next_step="check its permissions")
    if error.errno in _DISK:
        return EnvironmentFault(
            "something can't be written", where=where, detail=detail, next_step="make room, or see to that disk"
        )
    if isinstance(error, FileNotFoundError) and "temporary directory" in detail:
        # Python's tempfile has tried all that it knows.
        return EnvironmentFault(
            "there is no folder for temporary files that can be written to",
            detail=detail,
            next_step="make room in one, or name another by TMPDIR",
        )
    return None
