"""The words of a report: bands, outcomes, faults and numbers in plain English. Pure."""

from __future__ import annotations

import datetime
import re
import shlex

from harness.record import Band, CheckResult, FaultName, GradeRecord, Outcome, OwnTests, Tier
from harness.reporting import latency
from harness.reporting.text import one_line
from harness.score import EXCEEDS, MEETS, PARTLY

BAND: dict[Band, str] = {
    "exceeds": "Exceeds the brief",
    "meets": "Meets the brief",
    "partly meets": "Partly meets the brief",
    "below": "Falls short of the brief",
}
OUTCOME: dict[Outcome, str] = {
    "pass": "passed",
    "partial": "partly",
    "fail": "failed",
    "blocked": "blocked",
    "not_applicable": "does not apply",
    "not_assessed": "not assessed",
}
# Of a must-have, where only one thing is asked: is it met?
MUST: dict[Outcome, str] = {
    "pass": "met",
    "partial": "met in part",
    "fail": "not met",
    "blocked": "blocked, so not met",
    "not_applicable": "does not apply",
    "not_assessed": "not assessed",
}
TIER: dict[Tier, str] = {"must": "must-have", "should": "should-have", "bonus": "bonus"}
FAULT: dict[FaultName, str] = {
    "submission": "the submission's",
    "environment": "ours (the environment's), not the candidate's",
    "harness": "ours (the grader's), not the candidate's",
}
TYPED = {"t": "typed", "a": "Any", "u": "untyped", "x": "kept from the checker"}
REMARK = {"finding": "Finding:", "signal": "Worth a question:", "good": "Good habit:", "check": "Lost here:"}
LIMIT = {
    "cpus": "Processors",
    "memory_mb": "Memory (MB)",
    "pids": "Processes",
    "tmp_mb": "Temporary files (MB)",
    "ready_s": "Start (s)",
    "budget_s": "Checks (s)",
}
FAULT_OUTCOME = {
    "noticed": "noticed, by",
    "missed": "not noticed",
    "unmet": "no answer in the tests could show it",
    "untried": "not tried: time was up",
}
# A source that is a commit is recorded as `repository@commit`.
_COMMIT = re.compile(r"@([0-9a-f]{40}(?:[0-9a-f]{24})?)\Z")
# Not strftime's: those follow the locale of the machine.
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
# Where the bands begin, for the scale under the score.
THRESHOLDS = (PARTLY, MEETS, EXCEEDS)
# What a check can be blocked by that is no check itself.
CAUSE = {"start": "The app never started"}


def number(value: float) -> str:
    """At most one decimal, none when it would be a zero."""
    return f"{value:.1f}".removesuffix(".0")


def whole_percent(percentage: float) -> str:
    """A percentage (0 to 100) without decimals; never 100 % while anything is missing."""
    return percent(percentage / 100)


def percent(share: float) -> str:
    """A share (0 to 1) in whole percent; never 100 % while anything is missing."""
    whole = int(share * 100 + 1e-9) if share >= 0.995 else round(share * 100)
    return f"{whole} %"


def count(amount: int, noun: str) -> str:
    """`1 check`, `2 checks`."""
    return f"{amount} {noun}" if amount == 1 else f"{amount} {noun}s"


def size(amount: int) -> str:
    """Bytes, in the largest unit that leaves at least one."""
    if amount < 1024:
        return count(amount, "byte")
    return f"{amount / 1024:.0f} KiB" if amount < 1024**2 else f"{amount / 1024**2:.1f} MiB"


def moment(stamp: str) -> str:
    """`2 January 2026, 14:03 UTC`; a stamp that is no ISO time stays as it is."""
    try:
        when = datetime.datetime.fromisoformat(stamp)
    except ValueError:
        return stamp
    if when.tzinfo is not None:
        when = when.astimezone(datetime.UTC)
    zone = " UTC" if when.tzinfo else ""
    return f"{when.day} {_MONTHS[when.month - 1]} {when.year}, {when:%H:%M}{zone}"


def headline(record: GradeRecord) -> str:
    """The grade in two to seven words: the band, or that there is no grade."""
    if record.gradable and record.band is not None:
        return BAND[record.band]
    if record.problem is not None and record.problem.fault == "submission":
        return "Not gradable, run again once it is mended"
    return "Not gradable, run again"


def verdict(record: GradeRecord) -> str:
    """One sentence that says how the work meets the brief, or why there is no number."""
    if not record.gradable:
        why = one_line(record.problem.what) if record.problem else "too little could be assessed"
        return f"There is no score: {why.rstrip('.')}."
    judged = [c for c in record.checks if c.outcome not in ("not_applicable", "not_assessed")]
    passed = sum(c.outcome == "pass" for c in judged)
    musts = [c for c in judged if c.tier == "must"]
    missed = sum(c.outcome in ("fail", "blocked") for c in musts)
    partly = sum(c.outcome == "partial" for c in musts)
    if passed == len(judged):
        said = f"All {count(passed, 'check')} pass"
    else:
        said = f"{passed} of {count(len(judged), 'check')} pass"
        if missed or partly:
            gaps = [f"{missed} not met"] if missed else []
            gaps += [f"{partly} met only in part"] if partly else []
            said += f"; of the must-haves, {' and '.join(gaps)}"
        elif musts:
            said += ", every must-have among them"
    lost = sum(c.outcome == "not_assessed" for c in record.checks)
    return f"{said}; {count(lost, 'check')} could not be assessed." if lost else f"{said}."


def tests_scored(record: GradeRecord) -> bool:
    """Whether a check was judged by the candidate's own tests."""
    return any(check.id == "own-tests" for check in record.checks)


def own_tests(tests: OwnTests) -> str:
    """What the candidate's own tests come to, in a line: `41 of 43 tests pass; they run 87 % of ...`."""
    ran = tests.passed + tests.failed + tests.errors
    if not ran:
        return f"None of the tests in {count(tests.files, 'file')} was run."
    said = [f"{tests.passed} of {count(ran, 'test')} pass" if tests.passed < ran else f"All {count(ran, 'test')} pass"]
    if tests.skipped:
        said[0] += f" ({tests.skipped} skipped)"
    if tests.coverage is not None:
        said.append(f"{whole_percent(tests.coverage)} of the statements ran")
    tried = [fault for fault in tests.faults if fault.outcome in ("noticed", "missed")]
    if tried:
        noticed = sum(fault.outcome == "noticed" for fault in tried)
        said.append(f"{noticed} of {count(len(tried), 'fault')} in the answers noticed")
    return "; ".join(said) + "."


def running(record: GradeRecord) -> list[str]:
    """What there is to say of getting it to run: time to ready against the reference, and its own Dockerfile."""
    said = []
    ready = record.timings.get("ready")
    if ready is not None and record.reference_ready:
        ratio = ready / record.reference_ready
        compared = (
            "about as long" if 1 / latency.BAND <= ratio <= latency.BAND else f"about {number(ratio)} times as long"
        )
        said.append(
            f"It answered {number(ready)} s after its start; the challenge's own solution needed "
            f"{number(record.reference_ready)} s on this machine ({compared})."
        )
    if (image := record.own_image) is not None:
        if image.problem:
            why = one_line(image.problem).rstrip(".")
            said.append(f"No image came of its {image.path or 'Dockerfile'}: {why}.")
        else:
            size = f"{number((image.bytes or 0) / 1e6)} MB"
            who = f"as {one_line(image.user)!r}" if image.user else "as root"
            said.append(f"Its {image.path} builds in {number(image.seconds)} s: {size}, run {who}.")
    return said


def bounds(record: GradeRecord) -> str:
    """What the two bounds of the score mean; empty when they are one."""
    lost = any(c.outcome == "not_assessed" for c in record.checks)
    blocked = any(c.outcome == "blocked" for c in record.checks)
    if lost:
        high = "it and what is blocked count as earned" if blocked else "it counts as earned"
        return f"Low: what could not be assessed counts as lost. High: {high}."
    return "High: what is blocked behind a failure counts as earned." if blocked else ""


def untold(record: GradeRecord) -> list[str]:
    """What a reader may not conclude from the page."""
    said = [
        "How the code reads to a colleague, why it was built this way, and how somebody works with others: ask.",
        "A lost check says that a behaviour was not there, not that the candidate could not build it.",
    ]
    if record.visible_only:
        said.append("How the hidden checks end: they are not part of this page.")
    elif record.score.high > record.score.low:
        said.append("Where in its bounds the score lies: part of it could not be tried.")
    if any(check.outcome == "not_applicable" for check in record.checks):
        said.append("Anything about checks that do not apply to this submission.")
    return said


def attempts(check: CheckResult) -> str:
    """How often the check ran, and how that ended each time when it ran more than once."""
    if len(check.attempts) < 2:
        return "ran once" if check.seconds else ""
    told = [OUTCOME[outcome] for outcome in check.attempts]
    if len(set(told)) == 1:
        return f"{told[0]} in each of {len(told)} attempts"
    return f"{count(len(told), 'attempt')}: {', then '.join(told)}"


def rerun(record: GradeRecord, check: CheckResult) -> str:
    """The command that runs one check again, with the same seed."""
    return "" if record.visible_only else shlex.join(["takehome", "rerun", one_line(check.id, 80), "RESULT"])


def replay(record: GradeRecord) -> str:
    """The command that makes this grade again, exactly."""
    source = record.submission.source or ("." if record.visible_only else "SUBMISSION")
    commit = _COMMIT.search(source)
    if commit:
        source = source[: commit.start()]
    if source.startswith("-"):
        source = "./" + source
    words = ["takehome", "check" if record.visible_only else "grade", source, "-c", record.challenge.id]
    if commit:
        words += ["--ref", commit.group(1)]
    if record.submission.app:
        words += ["--app", record.submission.app]
    if record.visible_only or record.runtime != "docker":
        words += ["--runtime", record.runtime]
    if record.runtime == "process" and not record.visible_only:
        words.append("--i-trust-this-code")
    attempts = max((len(check.attempts) for check in record.checks), default=0)
    if attempts > 1 and not record.visible_only:
        words += ["--attempts", str(attempts)]
    return shlex.join([*words, "--seed", str(record.seed)])
