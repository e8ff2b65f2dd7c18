"""`takehome explain`: what a check asks, why, and what a lost one found. Runs nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from harness.challenge import Challenge, CheckEntry
from harness.cli.console import out, print_indented
from harness.cli.declared import chosen_challenge
from harness.cli.options import ChallengesOption
from harness.declared import Declared, declared
from harness.errors import UsageError
from harness.packs import find_challenge, nearest
from harness.record import CheckResult, GradeRecord
from harness.reporting import words
from harness.reporting.failures import to_fill_in
from harness.reporting.rows import print_copied, print_row
from harness.reporting.text import clean, one_line
from harness.stored import read_record

_MOST_TEXT = 4000
# A line, or a label and what it says.
Said = str | tuple[str, str]


def explain_command(
    check: Annotated[str, typer.Argument(help="The check's id, as the report and `challenge show` name it.")],
    challenge: Annotated[
        str | None,
        typer.Option("--challenge", "-c", help="Default: the result's, or `[tool.takehome] challenge` here."),
    ] = None,
    result: Annotated[
        Path | None, typer.Option("--result", help="A result.json, or its folder: tells what was found as well.")
    ] = None,
    interview: Annotated[bool, typer.Option("--interview", help="For hiring teams: the question it suggests.")] = False,
    challenges: ChallengesOption = None,
) -> int:
    """Tell what a check asks of a submission, why it matters and how to meet it."""
    record = read_record(result) if result is not None else None
    if challenge is None and record is not None:
        found = find_challenge(record.challenge.id, challenges, where=str(result))
    else:
        found = chosen_challenge(challenge, Path(), challenges)
    entry = found.spec.checks.get(check)
    if entry is None:
        raise UsageError(
            f"no check {check!r} in {found.id}",
            where="CHECK",
            detail=f"known: {', '.join(found.spec.checks)}",
            next_step=nearest(
                check, found.spec.checks, f"`takehome challenge show {found.id}` tells what each is about"
            ),
        )
    for said in _told(check, entry, _declaration(found, check), interview=interview):
        _print(said)
    for said in _found(record, check) if record is not None else ():
        _print(said)
    return 0


def _print(said: Said) -> None:
    if isinstance(said, str):
        print_indented(said)
        return
    name, text = said
    if name == "try":
        print_copied(out, name, text)
    else:
        print_row(out, name, text)


def _declaration(challenge: Challenge, check: str) -> Declared:
    """As the nearest suite says it: a challenge's own check stands in for a common one of its id."""
    return next(one for folder in challenge.grader_folders() for one in declared(folder) if one.id == check)


def _told(check: str, entry: CheckEntry, said: Declared, *, interview: bool) -> Iterator[Said]:
    yield f"{check}: {entry.title}"
    seen = "visible to candidates" if entry.visible else "hidden from candidates"
    yield f"{words.TIER[entry.tier]}, {entry.skill}, {entry.level} level, {seen}; graders/{said.source}"
    yield ""
    if entry.brief:
        yield from ("The brief says", f"  {entry.brief}", "")
    yield "met", said.passed
    yield "not met", said.failed
    for heading, text in (("Why it matters", said.why), ("Hint", said.hint)):
        if text:
            yield from ("", heading, f"  {text}")
    if said.after:
        met = "is met, since it builds on it" if len(said.after) == 1 else "are met, since it builds on them"
        yield from ("", f"Tried only where {' and '.join(said.after)} {met}.")
    if interview and said.question is not None:
        yield from ("", "In the interview", f"  {said.question.ask}")
        yield from (("junior", said.question.junior), ("senior", said.question.senior))


def _found(record: GradeRecord, check: str) -> Iterator[Said]:
    one: CheckResult | None = next((c for c in record.checks if c.id == check), None)
    yield ""
    if one is None:
        yield "It is not part of this result."
        return
    yield f"In {one_line(record.submission.id, 80)}: {words.OUTCOME[one.outcome]}"
    for name, text in (
        ("seen", one.summary),
        ("expected", one.expected),
        ("actual", one.actual),
        ("reason", one.reason),
    ):
        if text.strip():
            yield name, clean(text.strip())[:_MOST_TEXT]
    for place in one.evidence.code[:20]:
        yield f"  {one_line(place.path, 200)}:{place.line}  {one_line(place.message, 300)}"
    if one.evidence.reproduce:
        command = one_line(one.evidence.reproduce, _MOST_TEXT)
        yield "try", command
        if missing := to_fill_in(command):
            yield "", missing
