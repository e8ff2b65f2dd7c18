"""The summary of a job on GitHub, in Markdown.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#adding-a-job-summary
"""

from __future__ import annotations

from collections.abc import Iterator

from harness.exports.blame import GRADABLE, ours, their_problem
from harness.exports.markdown import fenced, in_html, inline
from harness.exports.verdicts import Verdict, story, verdicts
from harness.record import GradeRecord
from harness.reporting import words
from harness.reporting.views import groups
from harness.reporting.words import count

# A step may write 1 MiB, other text of that step included; past it nothing at all is shown.
MOST_BYTES = 900_000
_MARK = {"passed": "✅", "failed": "❌", "skipped": "⏭️"}


def github_summary(record: GradeRecord) -> str:
    """The grade, what failed and why, and every check in a table; cut at 900,000 bytes, with a line that says so."""
    text, size, left = "", 0, 0
    for part in _parts(record):
        more = len(part.encode())
        if left or size + more > MOST_BYTES:
            left += 1
            continue
        text, size = text + part, size + more
    return text + (f"\n{count(left, 'more part')} left out: `result.json` has all.\n" if left else "")


def _parts(record: GradeRecord) -> Iterator[str]:
    yield f"## {inline(record.challenge.title or record.challenge.id)}\n\n"
    if record.gradable and record.score.value is not None:
        yield f"**{words.number(record.score.value)} / 100** · {inline(words.headline(record))}\n\n"
    else:
        yield f"**{inline(words.headline(record))}**\n\n"
    yield f"{inline(words.verdict(record), 600)}\n\n"
    if record.visible_only:
        yield "Visible checks only: hidden ones are run by the hiring team, and the grade that counts can differ.\n\n"
    if (problem := their_problem(record)) is not None:
        yield fenced(f"{problem.what}\n{problem.where}\n{problem.detail}") + "\n\n"
    elif ours(record):
        yield "Nothing is held against the submission: the fault is the grader's or its machine's. Run it again.\n\n"
    else:
        for item in groups(record).findings:
            told = f"{in_html(item.check.title)} (-{words.number(item.lost)})"
            yield f"<details><summary>{told}</summary>\n\n{fenced(story(item.check))}\n\n</details>\n\n"
    yield "\n| | check | |\n|---|---|---|\n"
    yield from (_row(one) for one in verdicts(record) if one.id != GRADABLE)


def _row(one: Verdict) -> str:
    return f"| {_MARK[one.state]} | {inline(one.id, 120)} | {inline(one.headline, 200)} |\n"
