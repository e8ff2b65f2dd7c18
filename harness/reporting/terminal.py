"""The summary of a grade on a terminal, or in a log: as wide as it has to be and no wider, and never markup."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from harness.record import Band, GradeRecord, Outcome
from harness.reporting import views, words
from harness.reporting.paint import painted
from harness.reporting.rows import print_row, print_trimmed
from harness.reporting.text import clean, one_line

_BAND_STYLE: dict[Band, str] = {"exceeds": "green", "meets": "green", "partly meets": "yellow", "below": "red"}
_MARK: dict[Outcome, tuple[str, str]] = {
    "pass": ("passed", "green"),
    "partial": ("partly", "yellow"),
    "fail": ("failed", "red"),
    "blocked": ("blocked", "magenta"),
    "not_applicable": ("n/a", "dim"),
    "not_assessed": ("not assessed", "cyan"),
}


def print_summary(record: GradeRecord, console: Console, report: Path | None = None, worst: bool = True) -> None:
    """Print the grade, what is worst about it (unless it has been told already) and where the report is.

    Every text goes out as text: no markup of rich's is read, no control character reaches the terminal.
    """
    _Printer(console, worst).summary(record, report)


def print_passed(record: GradeRecord, console: Console) -> None:
    """Print which checks pass, if any do."""
    if passed := views.groups(record).passed:
        names = ", ".join(one_line(item.check.id, 80) for item in passed)
        print_row(console, "passed:", names, label=8, inset=0, style="dim")


class _Printer:
    def __init__(self, console: Console, worst: bool) -> None:
        self._console, self._tell_worst = console, worst

    def summary(self, record: GradeRecord, report: Path | None) -> None:
        title = f"{one_line(record.submission.id, 80)}  ({one_line(record.challenge.id, 60)} "
        self._line((title + f"{one_line(record.challenge.version, 30)})", "bold"))
        if record.visible_only:
            self._line(("Visible checks only: hidden checks were not run, the grade that counts can differ.", "yellow"))
        found = views.groups(record)
        if record.gradable and record.score.value is not None:
            self._grade(record, found)
        else:
            self._no_grade(record)
        self._unassessed(found)
        if record.own_tests is not None:
            self._heading(f"Their own tests ({'scored' if words.tests_scored(record) else 'not scored'})")
            self._line((words.own_tests(record.own_tests), ""))
            if record.own_tests.problem:
                self._line((one_line(record.own_tests.problem.strip().splitlines()[-1]), "dim"))
        if said := words.running(record):
            self._heading("Getting it to run (not scored)")
            for sentence in said:
                self._line((sentence, ""))
        if report is not None:
            self._console.print()
            # Unwrapped, so that the path can be clicked or copied.
            self._console.print(self._text((f"Report: {clean(str(report))}", "")), soft_wrap=True)

    def _grade(self, record: GradeRecord, found: views.Groups) -> None:
        score = record.score
        style = _BAND_STYLE[record.band] if record.band else ""
        doubt = f"bounds {words.number(score.low)} to {words.number(score.high)}, " if score.high > score.low else ""
        self._console.print()
        self._line(
            (f"{words.number(score.value or 0.0)} / 100", f"bold {style}"),
            ("  ", ""),
            (words.headline(record), f"bold {style}"),
            (f"  ({doubt}{words.whole_percent(score.assessed)} assessed)", "dim"),
        )
        self._line((words.verdict(record), ""))
        if record.visible_only:
            # The kit counts otherwise, and a reader has both before them.
            said = "Points are of the visible checks alone, weighed up to 100; CHECKS.md has their share of the whole."
            self._line((said, "dim"))
        if record.problem is not None:
            self._line((f"The run was not whole: {one_line(record.problem.what)}", "yellow"))
        self._skills(record)
        self._musts(record)
        if self._tell_worst:
            self._worst(found)

    def _no_grade(self, record: GradeRecord) -> None:
        problem = record.problem
        self._console.print()
        self._line((words.headline(record), "bold yellow"))
        if problem is None:
            self._line((words.verdict(record), ""))
            return
        rows = [
            ("what", problem.what),
            ("where", problem.where),
            ("fault", words.FAULT[problem.fault]),
            ("next", problem.next_step),
        ]
        grid = self._grid()
        for name, value in rows:
            if value:
                grid.add_row(self._text((name, "dim")), self._text((one_line(value), "")))
        print_trimmed(self._console, grid)
        for line in clean(problem.detail).splitlines()[-12:]:
            # Its blanks as they are: what points to a part of the line above would point to another.
            plain = line.expandtabs(4)[:400].rstrip()
            inset = len(plain) - len(plain.lstrip(" "))
            detail = Padding(self._text((plain.lstrip(" "), "dim")), (0, 0, 0, 4 + min(inset, 40)))
            print_trimmed(self._console, detail)

    def _skills(self, record: GradeRecord) -> None:
        rows = views.skill_rows(record)
        if not rows:
            return
        self._heading("Skills (highest level at which everything assessed holds)")
        grid = self._grid()
        for row in rows:
            if row.judged:
                level, style = (row.level, "bold") if row.level else ("no level", "dim")
                points = f"{words.number(row.points)} of {words.number(row.max_points)}"
            else:
                level, style, points = "not assessed", "cyan", ""
            grid.add_row(self._text((row.skill, "")), self._text((level, style)), self._text((points, "dim")))
        print_trimmed(self._console, grid)

    def _musts(self, record: GradeRecord) -> None:
        missed = views.missed_musts(record)
        if not missed:
            return
        self._heading("Must-haves not met in full")
        grid = self._grid()
        for item in missed:
            grid.add_row(self._mark(item.check.outcome), self._text((one_line(item.check.title), "")))
        print_trimmed(self._console, grid)

    def _worst(self, found: views.Groups) -> None:
        worst = views.worst_findings(found)
        if not worst:
            return
        rest = len(found.findings) - len(worst)
        self._heading("Worst findings" + (f" ({rest} more in the report)" if rest else ""))
        grid = self._grid()
        for item in worst:
            check = item.check
            told = [(one_line(check.title), "bold"), (f"  -{words.number(item.lost)}", "red")]
            if item.behind:
                told.append((f", {words.number(item.behind)} more blocked behind it", "dim"))
            if check.summary:
                told.append(("\n" + one_line(check.summary), ""))
            if check.hint:
                told.append(("\nHint: " + one_line(check.hint), "dim"))
            grid.add_row(self._mark(check.outcome), self._text(*told))
        print_trimmed(self._console, grid)

    def _unassessed(self, found: views.Groups) -> None:
        if not found.unassessed:
            return
        theirs = all(item.check.fault == "submission" for item in found.unassessed)
        self._heading("Not assessed" + ("" if theirs else " (ours, not the candidate's; no points lost)"))
        grid = self._grid()
        for item in found.unassessed[:5]:
            reason = (item.check.reason.strip() or item.check.summary).split("\n")[0]
            title = self._text((one_line(item.check.title), ""), ("\n" + one_line(reason), "dim"))
            grid.add_row(self._mark(item.check.outcome), title)
        print_trimmed(self._console, grid)
        if len(found.unassessed) > 5:
            self._line((f"  and {len(found.unassessed) - 5} more", "dim"))

    def _mark(self, outcome: Outcome) -> Text:
        return self._text(_MARK[outcome])

    def _heading(self, text: str) -> None:
        self._console.print()
        self._line((text, "bold"))

    def _line(self, *parts: tuple[str, str]) -> None:
        print_trimmed(self._console, self._text(*parts))

    def _grid(self) -> Table:
        grid = Table.grid(padding=(0, 2, 0, 0))
        grid.add_column(no_wrap=True)
        for _ in range(2):
            grid.add_column(overflow="fold")
        return grid

    def _text(self, *parts: tuple[str, str]) -> Text:
        return painted(self._console, *parts)
