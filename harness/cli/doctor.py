"""`takehome doctor`: what a grade needs, each with a mend."""

from __future__ import annotations

from rich.table import Table

from harness.cli.console import out
from harness.cli.options import BaseImageOption
from harness.doctor import examine
from harness.reporting.text import clean


def doctor_command(base_image: BaseImageOption = None) -> int:
    """Look at the engine, versions, disk, base image and PostgreSQL; exit 3 when something needed is missing."""
    table = Table("", "what", "found", "mend", show_lines=False)
    bad = False
    for found in examine(base_image):
        bad = bad or found.state == "bad"
        table.add_row(found.state, found.name, clean(found.text), clean(found.mend))
    out.print(table)
    return 3 if bad else 0
