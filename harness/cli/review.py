"""`takehome review`: what people make of a submission, blind first, beside the machine's score ever after."""

from __future__ import annotations

import os
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, get_args

import typer
from pydantic import ValidationError

from harness.challenge import Challenge
from harness.cli import output
from harness.cli.console import err, print_indented
from harness.cli.options import ChallengesOption
from harness.errors import UsageError
from harness.human import LEVELS, Criterion, Rating, checked, read_criteria
from harness.packs import find_challenge
from harness.paths import data_root
from harness.record import GradeRecord
from harness.reporting.reviews import told
from harness.reporting.text import one_line
from harness.review_log import Amended, Override, Submitted, append, read_review
from harness.stored import read_record

_FEWEST_WORDS = 3


def review_command(
    result: Annotated[Path, typer.Argument(help="A result.json, or the folder that it is in.")],
    by: Annotated[str, typer.Option("--by", help="Who reviews: a label such as A, not a name.")] = "",
    source: Annotated[
        Path | None, typer.Option("--from", help="A filled-in template (TOML) instead of prompts.")
    ] = None,
    template: Annotated[Path | None, typer.Option("--template", help="Write a template to fill in, and stop.")] = None,
    alone: Annotated[bool, typer.Option("--alone", help="There will be no second reviewer.")] = False,
    show: Annotated[
        bool, typer.Option("--show", help="Show reviews and machine side by side, once all are in.")
    ] = False,
    override: Annotated[str | None, typer.Option("--override", metavar="CHECK", help="See a check otherwise.")] = None,
    amend: Annotated[
        str | None, typer.Option("--amend", metavar="CRITERION", help="See a criterion otherwise.")
    ] = None,
    to: Annotated[str, typer.Option("--to", help="The outcome or the level that --override or --amend gives.")] = "",
    reason: Annotated[str, typer.Option("--reason", help="Why; nothing is overridden or amended without.")] = "",
    challenges: ChallengesOption = None,
) -> int:
    """Take a review in (blind), or show all of them beside the machine's score."""
    record = read_record(result)
    folder = result if os.path.isdir(result) else result.parent
    criteria = criteria_of(find_challenge(record.challenge.id, challenges, where=str(folder)))
    if template is not None:
        output.prepare(template.parent)
        output.replace(template, template_of(criteria))
        return 0
    if show:
        return _show(folder, record, criteria)
    if not by.strip():
        raise UsageError("who reviews?", where="--by", next_step="a label, such as --by A")
    if override is not None:
        _override(folder, record, by, override, to, reason)
    elif amend is not None:
        _amend(folder, criteria, by, amend, to, reason)
    else:
        ratings = _from_file(source) if source is not None else _from_prompts(criteria)
        checked(ratings, criteria, str(source or "the prompts"))
        append(folder, Submitted(by=by, alone=alone, ratings=ratings))
        err.print("kept; `--show` shows it once all reviews are in", markup=False)
    return 0


def criteria_of(challenge: Challenge) -> list[Criterion]:
    """The criteria that every challenge has, and the challenge's own."""
    own = challenge.folder / "human.toml"
    return read_criteria([data_root() / "graders" / "common" / "human.toml", *([own] if own.is_file() else [])])


def template_of(criteria: Sequence[Criterion]) -> str:
    """A TOML file to fill in, with the anchors as comments."""
    lines = ['# A level from 0 to 4 each: the highest whose sentence is true. Or, instead of it: skip = "why"']
    for criterion in criteria:
        lines += ["", f"# {criterion.title}" + (f" (look at: {criterion.look_at})" if criterion.look_at else "")]
        lines += [f"#   {level}  {anchor}" for level, anchor in enumerate(criterion.anchors)]
        lines += [f"[{criterion.id}]", "#level = ", 'comment = ""']
    return "\n".join(lines) + "\n"


def _from_file(path: Path) -> dict[str, Rating]:
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError("the review can't be read", where=str(path), detail=str(error)) from error
    ratings = {}
    for name, value in table.items():
        try:
            ratings[name] = Rating.model_validate(value)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            key = ".".join([name, *map(str, first["loc"])])
            raise UsageError(
                "the review is wrong",
                where=f"{path}: {key}",
                detail=first["msg"],
                next_step=f"level = 0 to {LEVELS - 1}",
            ) from error
    return ratings


def _from_prompts(criteria: Sequence[Criterion]) -> dict[str, Rating]:
    if not sys.stdin.isatty():
        raise UsageError(
            "there is nobody to ask", where="review", next_step="fill in a --template, and give it by --from"
        )
    ratings = {}
    for number, criterion in enumerate(criteria, 1):
        print_indented(f"\n{number} of {len(criteria)}: {criterion.title}")
        if criterion.look_at:
            print_indented(f"  Look at {criterion.look_at}")
        for level, anchor in enumerate(criterion.anchors):
            print_indented(f"  {level}  {anchor}")
        ratings[criterion.id] = _asked()
    return ratings


def _asked() -> Rating:
    while True:
        said = typer.prompt("Level 0 to 4, or s to skip").strip().lower()
        if said == "s":
            return Rating(skip=typer.prompt("Why"))
        if said in map(str, range(LEVELS)):
            return Rating(level=int(said), comment=typer.prompt("Comment", default="", show_default=False))


def _override(folder: Path, record: GradeRecord, by: str, check: str, to: str, reason: str) -> None:
    known = [one.id for one in record.checks]
    if check not in known:
        raise UsageError(f"no check {one_line(check)!r} in this result", where="--override", detail=", ".join(known))
    outcomes = get_args(Override.model_fields["to"].annotation)
    if to not in outcomes:
        raise UsageError(f"no outcome {to!r}", where="--to", next_step=" or ".join(outcomes))
    append(folder, Override.model_validate({"by": by, "check": check, "to": to, "reason": _reason(reason)}))


def _amend(folder: Path, criteria: Sequence[Criterion], by: str, criterion: str, to: str, reason: str) -> None:
    if criterion not in {one.id for one in criteria}:
        raise UsageError(f"no criterion {criterion!r}", where="--amend", detail=", ".join(c.id for c in criteria))
    if by not in {review.by for review in read_review(folder).reviews}:
        raise UsageError(f"{by!r} has not submitted yet", where="--by", next_step="submit a review first")
    if to not in map(str, range(LEVELS)):
        raise UsageError(f"no level {to!r}", where="--to", next_step=f"0 to {LEVELS - 1}")
    append(folder, Amended(by=by, criterion=criterion, rating=Rating(level=int(to)), reason=_reason(reason)))


def _reason(text: str) -> str:
    if len(text.split()) < _FEWEST_WORDS:
        raise UsageError("why?", where="--reason", next_step="a sentence that a colleague can follow in a year")
    return text.strip()


def _show(folder: Path, record: GradeRecord, criteria: Sequence[Criterion]) -> int:
    review = read_review(folder)
    if not review.complete:
        said = f"{len(review.reviews)} is in" if review.reviews else "none is in yet"
        raise UsageError(
            f"reviews are shown once all are in, and {said}",
            where=str(folder),
            next_step="submit the second one; or submit the only one with --alone",
        )
    for line in told(record, review, criteria):
        print_indented(line)
    return 0
