"""Everything that can go wrong, whose fault it is, and the exit code that says so.

TakehomeError
├── UsageError            exit 2  bad input or usage (whoever typed the command)
├── SubmissionError       exit 3  the submission can't be graded (its own fault)
├── EnvironmentFault      exit 3  engine, disk, network or registry failed (nobody's work is judged)
├── HarnessFault          exit 4  a bug of ours
└── Interrupted           exit 130
"""

from __future__ import annotations

from typing import Literal

Fault = Literal["submission", "environment", "harness"]


class TakehomeError(Exception):
    """A problem a user can read: what happened, where it happened, what to do next."""

    exit_code = 4
    fault: Fault = "harness"

    def __init__(self, what: str, *, where: str = "", next_step: str = "", detail: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.next_step = next_step
        self.detail = detail

    def __str__(self) -> str:
        lines = [self.what]
        if self.where:
            lines.append(f"  where: {self.where}")
        if self.detail:
            lines.append("  detail: " + self.detail.strip().replace("\n", "\n          "))
        if self.next_step:
            lines.append(f"  next:  {self.next_step}")
        return "\n".join(lines)


class UsageError(TakehomeError):
    """Bad input or usage: nothing was graded, nothing was lost."""

    exit_code = 2
    fault: Fault = "submission"


class SubmissionError(TakehomeError):
    """The submission can't be graded for a reason that lies in the submission."""

    exit_code = 3
    fault: Fault = "submission"


class EnvironmentFault(TakehomeError):
    """The engine, the disk, the network or a registry failed; the candidate is not to blame."""

    exit_code = 3
    fault: Fault = "environment"


class HarnessFault(TakehomeError):
    """A bug of ours."""

    exit_code = 4
    fault: Fault = "harness"


class Interrupted(TakehomeError):
    """The user stopped the run; everything it made has been removed."""

    exit_code = 130
    fault: Fault = "environment"
