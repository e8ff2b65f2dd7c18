"""`takehome`: the commands, and the one place where errors become messages and exit codes."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import traceback
from contextlib import suppress
from types import FrameType
from typing import Annotated, NoReturn

import typer
from typer.exceptions import TyperException

from harness.cli import stopping
from harness.cli.commands import Group
from harness.cli.console import err, print_error
from harness.cli.system import told_of
from harness.errors import TakehomeError
from harness.reporting.text import one_line
from harness.version import __version__

app = typer.Typer(
    cls=Group,
    name="takehome",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,
    help="Grade take-home submissions of FastAPI developers.",
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"takehome {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    pass


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    # A second one must not cut the clean-up short; every step of that has a deadline of its own.
    for number in stopping():
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def main() -> None:
    """Run the command line and exit: 0 graded, 1 gate missed, 2 bad input, 3 not gradable, 4 our fault, 130 stopped."""
    # A run that is terminated, or whose terminal is closed, cleans up like an interrupted one.
    for number in stopping():
        signal.signal(number, _interrupt)
    try:
        code = app(standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except TakehomeError as error:
        print_error(error)
        sys.exit(error.exit_code)
    except typer.Exit as error:
        sys.exit(error.exit_code)
    except TyperException as error:
        said = f"{error.format_message()}\n  next:  `takehome --help`, or `takehome COMMAND --help`"
        err.print(said, markup=False, soft_wrap=True)
        sys.exit(2)
    except (KeyboardInterrupt, typer.Abort):
        # The terminal may be gone.
        with suppress(OSError):
            err.print("stopped; everything that was started has been removed", markup=False)
        sys.exit(130)
    except SystemExit as error:
        # typer and rich make an exit with code 1 of it, which is that of a gate.
        if isinstance(error.__context__, BrokenPipeError):
            _nobody_reads()
        raise
    except BrokenPipeError:
        _nobody_reads()
    except Exception as error:  # noqa: BLE001 - the last line of defence: never a bare traceback
        told = told_of(error) if isinstance(error, OSError) else None
        if told is not None:
            print_error(told)
            sys.exit(told.exit_code)
        err.print(
            f"takehome failed by a fault of its own\n  where: {_keep_traceback(error)}\n"
            "  next:  please report it with that",
            markup=False,
            soft_wrap=True,
        )
        sys.exit(4)


def _nobody_reads() -> NoReturn:
    """Nothing was judged: neither a missed gate nor one that was met. As a shell tells of SIGPIPE."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(128 + signal.SIGPIPE)


def _keep_traceback(error: Exception) -> str:
    """The file that has it; where none can be written, its last lines."""
    try:
        handle, name = tempfile.mkstemp(prefix="takehome-crash-", suffix=".txt")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            traceback.print_exception(error, file=file)
    except OSError:
        return one_line("".join(traceback.format_exception(error)[-2:]), 1000)
    return name
