"""`takehome demo`: grade the bundled sample submission, on Docker where it can be had."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from harness.cli import output
from harness.cli.console import err, out, progress
from harness.cli.options import BaseImageOption, CaBundleOption, IndexUrlOption, RuntimeOption, choose_runtime
from harness.grade import GradeRequest, grade
from harness.packs import find_challenge
from harness.reporting.terminal import print_summary

CHALLENGE = "users_api"


def demo_command(
    out_folder: Annotated[Path, typer.Option("--out", help="Where the results go.")] = Path("takehome-demo"),
    runtime: RuntimeOption = "auto",
    base_image: BaseImageOption = None,
    ca_bundle: CaBundleOption = None,
    index_url: IndexUrlOption = None,
) -> int:
    """Grade a sample submission: an honest one, and not perfect."""
    challenge = find_challenge(CHALLENGE)
    output.prepare(out_folder)
    with progress() as listener:
        maker = choose_runtime(
            runtime,
            base_image=base_image,
            bundle=ca_bundle,
            index_url=index_url,
            say=lambda text: err.print(text, markup=False),
        )
        record = grade(GradeRequest(str(challenge.folder / "sample"), challenge), maker, listener)
    _, report = output.write(record, out_folder)
    print_summary(record, out, report=report)
    return output.exit_code(record, None)
