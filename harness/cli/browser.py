"""Browser: `--open` shows the page that was written."""

from __future__ import annotations

import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from harness.cli.console import err

OpenOption = Annotated[bool, typer.Option("--open", help="Open the page in a browser.")]


def open_page(page: Path) -> None:
    """Open a page in the user's browser; say so where there is none."""
    if not webbrowser.open(page.resolve().as_uri()):
        err.print(f"no browser could be opened; the page is {page}", markup=False, soft_wrap=True)
