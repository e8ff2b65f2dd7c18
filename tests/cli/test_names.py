"""The commands are found by their names, and only the one that is asked for is imported."""

from __future__ import annotations

import subprocess
import sys

import pytest

from harness.cli.commands import COMMANDS, load
from tests.cli.command import takehome


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_has_a_name_and_says_what_it_does(name: str) -> None:
    command = load(name)
    assert command.name == name
    assert command.get_short_help_str()


def test_the_help_lists_all_of_them_in_their_order() -> None:
    listed = [line.split()[0] for line in takehome("--help").out.split("Commands:\n")[1].splitlines() if line.strip()]
    assert listed == list(COMMANDS)


def test_a_mistyped_name_is_told_with_the_nearest() -> None:
    done = takehome("shwo")
    assert done.code == 2
    assert "No such command 'shwo'. Did you mean 'show'?" in done.text


def test_what_is_not_asked_for_is_not_imported() -> None:
    script = """
import sys
from harness.cli import main
sys.argv = ["takehome", "schema"]
try:
    main()
except SystemExit:
    print([name for name in ("docker", "jinja2", "harness.cli.batch") if name in sys.modules], file=sys.stderr)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=False)
    assert done.stderr == "[]\n"
