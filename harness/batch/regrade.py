"""Regrade: which grades of a batch are to be made again, why, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from harness.batch.journal import Journal, State
from harness.batch.sources import Source
from harness.challenge import Challenge
from harness.errors import TakehomeError, UsageError
from harness.record import GradeRecord
from harness.runtime.processes import SNAPSHOT_PREFIX, signed_folder
from harness.submission import ingest
from harness.submission.git_remote import NOT_GIVEN

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

    One that was ended, however, goes on: what it has graded again is not graded once more.

    Raises:
        UsageError: nothing can be graded again by `how`.
        EnvironmentFault: the journal can't be written.
    """
    open_ = journal.regrading == how
    pending = {
        source.id: list(state.again)
        for source in sources
        if open_ and (state := journal.states.get(source.id)) is not None and state.again
    }
    # What has changed is told by the grades themselves, also by those that were begun by the run before; the others
    # are those that were chosen when it began, and those that it was not asked for then.
    asked = [source for source in sources if not open_ or how == CHANGED or source.id not in journal.among]
    why = to_regrade(how, asked, journal.states, read, challenge, now) | pending
    journal.tell("regrade", asked=how, ids=why, among=[source.id for source in sources])
    return why


def end_regrade(journal: Journal, sources: Sequence[Source]) -> None:
    """Nothing is left of it, but for submissions that are gone: the same words begin another."""
    states = [state for source in sources if (state := journal.states.get(source.id)) is not None]
    if journal.regrading and not any(state.again for state in states):
        journal.tell("regrade", asked="", ids={})


def to_regrade(
    how: str,
    sources: Sequence[Source],
    states: Mapping[str, State],
    read: Callable[[str], GradeRecord | None],
    challenge: Challenge,
    now: Conditions,
) -> dict[str, list[str]]:
    """The ids to grade again, each with why. `how` is all, changed, or the id of a check that was not passed there.

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
    over = [source for source in sources if (state := states.get(source.id)) is not None and state.over]
    found = {}
    for source in over:
        record = read(source.id) if states[source.id].status == "graded" else None
        reasons = _ungraded(how, source, states[source.id]) if record is None else _reasons(how, source, record, now)
        if reasons:
            found[source.id] = reasons
    return found


def _ungraded(how: str, source: Source, state: State) -> list[str]:
    """Why to try one again that has no result."""
    if how not in (ALL, CHANGED):
        return []
    if state.status == "graded":
        return ["its result can't be read"]
    if how == ALL:
        return ["asked for"]
    try:
        return ["it could not be read before"] if _digest(source) is not None else []
    except UsageError:
        return []
    except TakehomeError as error:
        return [f"it could not be read before, and whether it can be now can't be told: {error.what}"]


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
    # One that was never run has neither.
    if record.environment.harness and record.environment.harness != now.harness:
        reasons.append(f"takehome {record.environment.harness} is {now.harness} now")
    if record.environment.base_image and record.environment.base_image != now.base_image:
        reasons.append(f"image {record.environment.base_image} is {now.base_image} now")
    try:
        digest = _digest(source)
    except TakehomeError as error:
        # The grade meets the same, is tried again and tells it.
        return [*reasons, f"whether the submission has changed can't be told: {error.what}"]
    if digest is not None and digest != record.submission.digest:
        reasons.append("the submission has changed")
    return reasons


def _digest(source: Source) -> str | None:
    """The submission's digest as it is now; None where it can't be read.

    Raises:
        EnvironmentFault: the network or the disk failed.
        UsageError: its host doesn't give it.
    """
    with signed_folder(SNAPSHOT_PREFIX) as folder:
        try:
            snapshot = ingest(source.source, ref=source.ref, workdir=folder)
        except UsageError as error:
            if error.what == NOT_GIVEN:
                raise
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
