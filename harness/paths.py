"""Where challenges, graders and report templates are: beside the package, or inside an installed wheel."""

from __future__ import annotations

from pathlib import Path

from harness.errors import HarnessFault


def data_root() -> Path:
    """The folder that contains challenges/, graders/ and reports/.

    Raises HarnessFault when there is none, which only a broken installation can bring about.
    """
    package = Path(__file__).resolve().parent
    for folder in (package / "data", package.parent):
        if (folder / "challenges").is_dir():
            return folder
    raise HarnessFault(
        "the challenges are missing from this installation",
        where=str(package),
        next_step="install takehome again, or run it from a whole checkout",
    )
