"""The commands by name. A command's module is imported when it is asked for: importing all of them takes longer than
most commands do."""

from __future__ import annotations

from collections import UserDict
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_group

from harness.cli import importing

# In the order of the help: (module of harness.cli, the function or the typer.Typer in it).
COMMANDS = {
    "grade": ("grade", "grade_command"),
    "batch": ("batch", "batch_command"),
    "check": ("check", "check_command"),
    "init": ("init", "init_command"),
    "show": ("show", "show_command"),
    "compare": ("compare", "compare_command"),
    "cohort": ("compare", "cohort_command"),
    "explain": ("explain", "explain_command"),
    "rerun": ("rerun", "rerun_command"),
    "export": ("export", "export_command"),
    "review": ("review", "review_command"),
    "demo": ("demo", "demo_command"),
    "doctor": ("doctor", "doctor_command"),
    "clean": ("clean", "clean_command"),
    "schema": ("schema", "schema_command"),
    "images": ("images", "app"),
    "challenge": ("challenge", "app"),
}


def load(name: str) -> Any:  # noqa: ANN401 - of a class that typer keeps to itself
    """Import the command called `name`.

    Raises:
        KeyError: there is none.
    """
    module, attribute = COMMANDS[name]
    with importing():
        found = getattr(import_module(f"harness.cli.{module}"), attribute)
    root = typer.Typer(add_completion=False, rich_markup_mode=None)
    if isinstance(found, typer.Typer):
        root.add_typer(found, name=name)
    else:
        root.command(name)(found)
    return get_group(root).commands[name]


class _Commands(UserDict[str, Any]):
    """Every name from the start, each command with its first use."""

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401
        if self.data[name] is None:
            self.data[name] = load(name)
        return self.data[name]


class Group(TyperGroup):
    """The root of the command line.

    Tells that it was stopped, too: of a KeyboardInterrupt typer makes an exit code without a word.
    """

    def __init__(self, **settings: Any) -> None:  # noqa: ANN401 - typer's own, handed through
        super().__init__(**settings)
        self.commands = _Commands({**dict.fromkeys(COMMANDS), **self.commands})

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ANN401
        """The names, in the order of the help; imports nothing."""
        return list(self.commands)

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401
        """Run a command.

        Raises:
            Abort: it was stopped.
        """
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as error:
            raise typer.Abort from error
