"""`takehome`: the commands, and the one place where errors become messages and exit codes."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import traceback
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer
from typer.exceptions import TyperException

from harness.cli.commands import Group
from harness.cli.console import err, print_error
from harness.errors import TakehomeError, UsageError
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
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise KeyboardInterrupt


def main() -> None:
    """Run the command line and exit: 0 graded, 1 gate missed, 2 bad input, 3 not gradable, 4 our fault, 130 stopped."""
    # A terminated run cleans up like an interrupted one.
    signal.signal(signal.SIGINT, _interrupt)
    signal.signal(signal.SIGTERM, _interrupt)
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
        err.print("stopped; everything that was started has been removed", markup=False)
        sys.exit(130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except PermissionError as error:
        # Whatever was met on the way: a path that was typed, or one beside it.
        where = one_line(str(error.filename or ""))
        told = UsageError("something may not be read or written", where=where, next_step="check its permissions")
        print_error(told)
        sys.exit(told.exit_code)
    except Exception:  # noqa: BLE001 - the last line of defence: never a bare traceback
        path = _keep_traceback()
        err.print(
            f"takehome failed by a fault of its own\n  where: {path}\n  next:  please report it with that file",
            markup=False,
            soft_wrap=True,
        )
        sys.exit(4)


def _keep_traceback() -> Path:
    handle, name = tempfile.mkstemp(prefix="takehome-crash-", suffix=".txt")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        traceback.print_exc(file=file)
    return Path(name)
