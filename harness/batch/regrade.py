"""Regrade: which grades of a batch are to be made again, why, and what came of it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.batch.journal import Journal, State
from harness.batch.sources import Source
from harness.challenge import Challenge
from harness.errors import TakehomeError, UsageError
from harness.record import GradeRecord
from harness.runtime.processes import SNAPSHOT_PREFIX, sign
from harness.submission import ingest

ALL, CHANGED = "all", "changed"


@dataclass(frozen=True)
class Conditions:
    """What a grade would be made with now: the challenge's version and digest, takehome's version, the base image."""

    version: str
    digest: str
    harness: str
    base_image: str


def versions_of(record: GradeRecord) -> str:
    """What a grade was made with, besides the submission."""
    environment = record.environment
    challenge = f"challenge {record.challenge.version} {record.challenge.digest[:19]}".strip()
    return f"{challenge}, takehome {environment.harness}, image {environment.base_image}"


def begin_regrade(
    how: str,
    sources: Sequence[Source],
    journal: Journal,
    read: Callable[[str], GradeRecord | None],
    challenge: Challenge,
    now: Conditions,
) -> dict[str, list[str]]:
    """What `to_regrade` finds, written to the journal before anything is graded again.

    Raises:
        UsageError: nothing can be graded again by `how`.
        EnvironmentFault: the journal can't be written.
    """
    why = to_regrade(how, sources, journal.states, read, challenge, now)
    for id_, reasons in why.items():
        if journal.states[id_].asked != how:
            journal.tell("again", id_, asked=how, why=reasons)
    return why


def to_regrade(
    how: str,
    sources: Sequence[Source],
    states: Mapping[str, State],
    read: Callable[[str], GradeRecord | None],
    challenge: Challenge,
    now: Conditions,
) -> dict[str, list[str]]:
    """The ids to grade again, each with why. `how` is all, changed, or the id of a check that was not passed there.

    Those that are left when the same was asked for before, and ended on the way.

    Raises:
        UsageError: `how` is none of them.
    """
    if how not in (ALL, CHANGED, *challenge.spec.checks):
        raise UsageError(
            f"nothing to grade again by {how!r}",
            where="--regrade",
            detail=f"checks: {', '.join(challenge.spec.checks)}",
            next_step="all, changed, or a check's id",
        )
    # One that was ended goes on: what it has graded again is not graded once more.
    pending = {
        source.id: list(state.again)
        for source in sources
        if (state := states.get(source.id)) is not None and state.again and state.asked == how
    }
    if pending:
        return pending
    found = {}
    for source in sources:
        state = states.get(source.id)
        record = read(source.id) if state is not None and state.over else None
        if record is None:
            continue
        reasons = _reasons(how, source, record, now)
        if reasons:
            found[source.id] = reasons
    return found


def _reasons(how: str, source: Source, record: GradeRecord, now: Conditions) -> list[str]:
    if how == ALL:
        return ["asked for"]
    if how != CHANGED:
        lost = any(check.id == how and check.outcome != "pass" for check in record.checks)
        return [f"{how} was not passed"] if lost else []
    reasons = []
    if record.challenge.version != now.version:
        reasons.append(f"challenge {record.challenge.version} is {now.version} now")
    elif record.challenge.digest and record.challenge.digest != now.digest:
        reasons.append("the challenge has changed, and not its version")
    if record.environment.harness != now.harness:
        reasons.append(f"takehome {record.environment.harness} is {now.harness} now")
    if record.environment.base_image and record.environment.base_image != now.base_image:
        reasons.append(f"image {record.environment.base_image} is {now.base_image} now")
    digest = _digest(source)
    if digest is not None and digest != record.submission.digest:
        reasons.append("the submission has changed")
    return reasons


def _digest(source: Source) -> str | None:
    """The submission's digest as it is now; None where it can't be read."""
    with tempfile.TemporaryDirectory(prefix=SNAPSHOT_PREFIX, ignore_cleanup_errors=True) as folder:
        sign(Path(folder))
        try:
            snapshot = ingest(source.source, ref=source.ref, workdir=Path(folder))
        except TakehomeError:
            return None
        try:
            return snapshot.digest
        finally:
            snapshot.remove()


def differences(before: GradeRecord, now: GradeRecord) -> list[str]:
    """Each check that ended otherwise, and what besides the code has changed, as lines."""
    was = {check.id: check.outcome for check in before.checks}
    said = [
        f"{check.id}: {was.get(check.id, 'not there')} before, {check.outcome} now"
        for check in now.checks
        if was.get(check.id) != check.outcome
    ]
    if before.submission.digest != now.submission.digest:
        said.append("the submission is another one")
    if versions_of(before) != versions_of(now):
        said.append(f"{versions_of(before)} before, {versions_of(now)} now")
    return said
