"""Verify: a challenge proves its checks. The reference passes all, each mutant fails its own check and only it."""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from harness.challenge import MADE_FROM_DOCUMENT, OWN_TESTS, READ_IN_CODE, Challenge
from harness.errors import TakehomeError
from harness.events import ignore
from harness.grade import GradeRequest, grade
from harness.record import GradeRecord
from harness.runtime.base import Runtime
from harness.runtime.processes import VERIFY_PREFIX, sign

Role = Literal["reference", "starter", "mutant"]
STARTER_MOST = 10.0
_CACHES = shutil.ignore_patterns("__pycache__", "*.pyc", ".venv", ".mypy_cache", ".pytest_cache", ".ruff_cache")


@dataclass(frozen=True)
class Case:
    """One submission to grade and what is expected of it. `check` is the one that has to fail for a mutant."""

    role: Role
    name: str
    turn: int

    @property
    def check(self) -> str:
        return self.name.partition(".")[0] if self.role == "mutant" else ""


@dataclass(frozen=True)
class Verdict:
    """What came of a case; `complaints` is empty when it is as expected."""

    case: Case
    outcomes: dict[str, str]
    value: float | None
    complaints: tuple[str, ...]
    seconds: float


@dataclass
class Verification:
    verdicts: list[Verdict] = field(default_factory=list)
    unproven: list[str] = field(default_factory=list)
    disagreements: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        return not (self.unproven or self.disagreements or any(v.complaints for v in self.verdicts))


def cases(challenge: Challenge, repeat: int, only: Sequence[str] = ()) -> list[Case]:
    """Every case in every turn, the reference first."""
    names: list[tuple[Role, str]] = [("reference", "reference"), ("starter", "starter")]
    names += [("mutant", name) for name in challenge.mutants()]
    return [Case(r, n, turn) for turn in range(1, repeat + 1) for r, n in names if not only or n in only]


def lay_out(challenge: Challenge, case: Case, folder: Path) -> Path:
    """The case's submission: the reference, the starter, or the reference with a mutant's patch applied.

    Raises:
        UsageError: the patch doesn't apply.
    """
    target = folder / f"{case.name}-{case.turn}"
    shutil.copytree(challenge.starter if case.role == "starter" else challenge.reference, target, ignore=_CACHES)
    if case.role == "mutant":
        challenge.mutants()[case.name].apply(target)
    return target


def judge_case(case: Case, record: GradeRecord) -> tuple[str, ...]:
    """What is not as it should be. Pure."""
    complaints: list[str] = []
    lost = {c.id: c for c in record.checks if c.outcome not in ("pass", "not_applicable")}
    if case.role == "mutant" and _passes(record, case.check):
        # The rest was not run: see GradeRequest.first.
        return (f"{case.check} does not fail",)
    unsure = [i for i, c in lost.items() if c.outcome == "not_assessed"]
    if unsure:
        reasons = "; ".join(
            f"{i}: {(lost[i].reason or lost[i].summary).partition(chr(10))[0][:160]}" for i in unsure[:3]
        )
        complaints.append(f"not assessed: {reasons}")
    if record.problem is not None:
        detail = record.problem.detail.strip().splitlines()
        complaints.append(f"{record.problem.what} {detail[-1][:160] if detail else ''}".strip())
    if case.role == "starter":
        if record.gradable and (record.score.value or 0) > STARTER_MOST:
            complaints.append(f"the starter scores {record.score.value}, more than {STARTER_MOST}")
        return tuple(complaints)
    if case.role == "mutant" and lost.pop(case.check, None) is None:
        complaints.append(f"{case.check} does not fail")
    for check in lost.values():
        blocked_by_own = case.role == "mutant" and check.outcome == "blocked" and case.check in check.blocked_by
        if not blocked_by_own and check.outcome != "not_assessed":
            complaints.append(f"{check.id} is lost too ({check.outcome}): {check.summary[:200]}")
    return tuple(complaints)


def _passes(record: GradeRecord, check_id: str) -> bool:
    return any(check.id == check_id and check.outcome == "pass" for check in record.checks)


def verify(
    challenge: Challenge,
    runtime: Callable[[], Runtime],
    *,
    repeat: int = 1,
    jobs: int = 1,
    only: Sequence[str] = (),
    quick: bool = False,
    on_verdict: Callable[[Verdict], None] = lambda _verdict: None,
) -> Verification:
    """Grade every case and compare.

    `quick` lets checks that climb stop early in the cases that prove another check, and leaves out there what is
    read in the code or made from the document.

    Raises:
        KeyboardInterrupt: passed on after the cases that run have removed what they made.
    """
    result = Verification()
    cancelled = threading.Event()
    with tempfile.TemporaryDirectory(prefix=VERIFY_PREFIX, ignore_cleanup_errors=True) as name:
        folder = Path(name)
        sign(folder)
        for verdict in _run(cases(challenge, repeat, only), challenge, runtime, folder, jobs, quick, cancelled):
            result.verdicts.append(verdict)
            on_verdict(verdict)
    if not only:
        result.unproven = sorted(set(challenge.spec.checks) - {m.check for m in challenge.mutants().values()})
    result.disagreements = disagreements(result.verdicts)
    return result


def _run(
    todo: list[Case],
    challenge: Challenge,
    runtime: Callable[[], Runtime],
    folder: Path,
    jobs: int,
    quick: bool,
    cancelled: threading.Event,
) -> Iterator[Verdict]:
    pool = ThreadPoolExecutor(max_workers=jobs)
    waiting: set[Future[Verdict]] = set()
    try:
        # The first alone: it builds the images and the environment that the others use.
        first = _one(todo[0], challenge, runtime, folder, quick, cancelled)
        yield first
        if not first.outcomes:
            return  # nothing could be run at all: the others would only say so again
        waiting = {pool.submit(_one, case, challenge, runtime, folder, quick, cancelled) for case in todo[1:]}
        while waiting:
            done, waiting = wait(waiting, timeout=0.5, return_when=FIRST_COMPLETED)
            for future in done:
                yield future.result()
    finally:
        cancelled.set()
        pool.shutdown(wait=True, cancel_futures=True)


def _one(
    case: Case,
    challenge: Challenge,
    runtime: Callable[[], Runtime],
    folder: Path,
    quick: bool,
    cancelled: threading.Event,
) -> Verdict:
    submission = lay_out(challenge, case, folder)
    full = (case.check,) if quick and case.role == "mutant" else None
    without = left_out(case, quick)
    request = GradeRequest(
        str(submission),
        challenge,
        full=full,
        only=tuple(check for check in challenge.spec.checks if check not in without),
        analysis=not (without & READ_IN_CODE),
        first=case.check,
    )
    try:
        record = grade(request, runtime, ignore, cancelled)
    except TakehomeError as error:
        if cancelled.is_set():
            raise
        return Verdict(case, {}, None, (str(error),), 0.0)
    outcomes = {c.id: c.outcome if c.outcome != "partial" else f"partial {c.fraction:.2f}" for c in record.checks}
    return Verdict(case, outcomes, record.score.value, judge_case(case, record), record.timings.get("total", 0.0))


def left_out(case: Case, quick: bool) -> frozenset[str]:
    """The checks that are no part of a case. The reference's own tests are right to fail on what breaks something."""
    if case.role != "mutant":
        return frozenset()
    slow = READ_IN_CODE | MADE_FROM_DOCUMENT
    return frozenset({OWN_TESTS} - {case.check}) | (slow if quick and case.check not in slow else frozenset())


def disagreements(verdicts: Iterable[Verdict]) -> list[str]:
    """The cases whose turns did not end alike. Pure."""
    first: dict[str, Verdict] = {}
    found = []
    for verdict in sorted(verdicts, key=lambda v: v.case.turn):
        known = first.setdefault(verdict.case.name, verdict)
        if known.outcomes != verdict.outcomes:
            differ = sorted(
                i
                for i in known.outcomes.keys() | verdict.outcomes.keys()
                if known.outcomes.get(i) != verdict.outcomes.get(i)
            )
            found.append(f"{verdict.case.name}: turn {verdict.case.turn} differs in {', '.join(differ)}")
    return found
