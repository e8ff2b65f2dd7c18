"""The summary of a job on GitHub, in Markdown.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#adding-a-job-summary
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from harness.exports.blame import ours, their_problem
from harness.exports.findings import SEVERITIES, severity
from harness.exports.markdown import fenced, in_html, inline
from harness.exports.verdicts import Verdict, story, verdicts
from harness.record import GradeRecord
from harness.reporting import words
from harness.reporting.views import Item, groups
from harness.reporting.words import count

# A step may write 1 MiB, other text of that step included; past it nothing at all is shown.
MOST_BYTES = 900_000
_TABLE = "\n| | check | |\n|---|---|---|\n"
_MARK = {"passed": "✅", "failed": "❌", "skipped": "⏭️"}


def github_summary(record: GradeRecord) -> str:
    """The grade, what failed and why, and every check in a table, in at most 900,000 bytes.

    Where that is too much, the details of what matters least go first, and rows of the table last; a line says so.
    """
    head = "".join(_head(record))
    rows = [_row(one) for one in verdicts(record) if not one.whole]
    items = [] if their_problem(record) is not None or ours(record) else list(groups(record).findings)
    details = [_detail(item) for item in items]
    room = MOST_BYTES - len(f"{head}{_TABLE}{_closing(len(rows) + len(details))}".encode())
    kept = _fitting(rows, range(len(rows)), room)
    room -= sum(len(rows[at].encode()) for at in kept)
    told = _fitting(details, _by_weight(items), room)
    left = len(rows) - len(kept) + len(details) - len(told)
    return "".join((head, *(details[at] for at in told), _TABLE, *(rows[at] for at in kept), _closing(left)))


def _by_weight(items: Sequence[Item]) -> list[int]:
    return sorted(range(len(items)), key=lambda at: SEVERITIES.index(severity(items[at].check)))


def _fitting(parts: Sequence[str], order: Sequence[int], room: int) -> list[int]:
    """The parts that fit when they are taken in this order, up to the first that doesn't; as they stand on the page."""
    kept = []
    for at in order:
        room -= len(parts[at].encode())
        if room < 0:
            break
        kept.append(at)
    return sorted(kept)


def _closing(left: int) -> str:
    return f"\n{count(left, 'more part')} left out: `result.json` has all.\n" if left else ""


def _head(record: GradeRecord) -> Iterator[str]:
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


def _detail(item: Item) -> str:
    told = f"{in_html(item.check.title)} (-{words.number(item.lost)})"
    return f"<details><summary>{told}</summary>\n\n{fenced(story(item.check))}\n\n</details>\n\n"


def _row(one: Verdict) -> str:
    return f"| {_MARK[one.state]} | {inline(one.id, 120)} | {inline(one.headline, 200)} |\n"
