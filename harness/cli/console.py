"""The two consoles, and progress on them: live on a terminal, one line per change elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.padding import Padding
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from harness.errors import TakehomeError
from harness.events import BEGINS, CheckEnded, CheckStarted, Event, Listener, Note, StageEnded, StageStarted
from harness.reporting.paint import painted
from harness.reporting.rows import print_trimmed
from harness.reporting.text import clean, one_line

out = Console()
err = Console(stderr=True)


def print_error(error: TakehomeError) -> None:
    """What happened, where, and what next; unbroken, so that a path can be copied."""
    style = "red" if error.exit_code == 4 else ""
    err.print(clean(str(error)), style=style, markup=False, highlight=False, soft_wrap=True)


def print_indented(line: str) -> None:
    """A line that wraps under its own indentation."""
    text = line.lstrip(" ")
    print_trimmed(out, Padding(painted(out, (text, "")), (0, 0, 0, len(line) - len(text))))


@contextmanager
def progress(quiet: bool = False, *, beginnings: bool = False) -> Iterator[Listener]:
    """A listener that shows what goes on, on stderr.

    With `beginnings` it is a marked line for all that begins, as a row of a batch wants it.
    """
    if quiet:
        yield lambda _event: None
    elif beginnings:
        yield _beginning
    elif err.is_terminal:
        with _live() as listener:
            yield listener
    else:
        yield _line


def _line(event: Event) -> None:
    match event:
        case StageEnded(text=text, seconds=seconds):
            err.print(f"{text}: {seconds:.1f} s", markup=False, highlight=False)
        case CheckEnded(id=name, outcome=outcome, done=done, total=total):
            err.print(f"[{done}/{total}] {name}: {outcome}", markup=False, highlight=False)
        case Note(text=text):
            err.print(clean(text), markup=False, highlight=False)
        case _:
            pass


def _beginning(event: Event) -> None:
    match event:
        case StageStarted(text=text) | Note(text=text):
            said = one_line(text, 500)
        case CheckStarted(id=name, done=done, total=total):
            said = f"[{done + 1}/{total}] {name}"
        case _:
            return
    err.print(f"{BEGINS}{said}", markup=False, highlight=False, soft_wrap=True)


@contextmanager
def _live() -> Iterator[Listener]:
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task("starting", total=None)

        def listen(event: Event) -> None:
            match event:
                case StageStarted(text=text):
                    bar.update(task, description=text)
                case CheckStarted(id=name, done=done, total=total):
                    bar.update(task, description=name, completed=done, total=total)
                case CheckEnded(done=done, total=total):
                    bar.update(task, completed=done, total=total)
                case Note(text=text):
                    bar.console.print(clean(text), markup=False, highlight=False)
                case _:
                    pass

        yield listen
