"""Options that several commands share, and the runtime they choose."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal

import typer

from harness.errors import EnvironmentFault, UsageError
from harness.runtime.base import Runtime
from harness.runtime.process import ISOLATION, ProcessRuntime
from harness.runtime.trust import ca_bundle
from harness.runtime.venv import VenvBuilder

# Grading strangers' code without isolation has to be asked for in so many words.
TRUST = "--i-trust-this-code"

RuntimeChoice = Literal["auto", "docker", "process"]

ChallengeOption = Annotated[str, typer.Option("--challenge", "-c", help="Challenge id, or a challenge folder.")]
ChallengesOption = Annotated[
    Path | None, typer.Option("--challenges", help="A folder of further challenges.", file_okay=False)
]
RuntimeOption = Annotated[str, typer.Option("--runtime", help="docker (isolated), process (not isolated) or auto.")]
BaseImageOption = Annotated[
    str | None,
    typer.Option("--base-image", envvar="TAKEHOME_BASE_IMAGE", help="Base image with Python 3.11 or newer."),
]
CaBundleOption = Annotated[
    Path | None,
    typer.Option(
        "--ca-bundle",
        envvar="TAKEHOME_CA_BUNDLE",
        help="Extra CA certificates (PEM) for package downloads.",
        dir_okay=False,
    ),
]
IndexUrlOption = Annotated[
    str | None,
    typer.Option("--index-url", envvar="TAKEHOME_INDEX_URL", help="Package index instead of PyPI."),
]
IsolationOption = Annotated[
    str | None, typer.Option("--engine-runtime", help="A stronger runtime of the engine, such as runsc.")
]
SeedOption = Annotated[int | None, typer.Option("--seed", min=0, help="Replay a grade with its recorded seed.")]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")]


AttemptsOption = Annotated[
    int,
    typer.Option(
        "--attempts", min=1, max=9, help="Run checks that were lost up to so many times, each in a pod of its own."
    ),
]


def choose_runtime(
    choice: str,
    *,
    base_image: str | None = None,
    bundle: Path | None = None,
    index_url: str | None = None,
    engine_runtime: str | None = None,
    trusted: bool = True,
    say: Callable[[str], None] = lambda _text: None,
) -> Callable[[], Runtime]:
    """What makes the chosen runtime; `auto` takes Docker where it can and says so where it can't.

    Processes run code as whoever runs us: for code that is not `trusted`, that has to be asked for in so many words,
    and `auto` is Docker.

    Raises:
        UsageError: there is no such runtime, or it isolates nothing and the code is not trusted.
    """
    found = ca_bundle(bundle)
    if choice not in ("auto", "docker", "process"):
        raise UsageError(f"no runtime {choice!r}", where="--runtime", next_step="docker, process or auto")

    if choice == "process" and not trusted:
        raise UsageError(
            "the process runtime isolates nothing: the submission would run as you, with your files and your network",
            where="--runtime process",
            next_step=f"use Docker, or say {TRUST} if you wrote this code or have read it",
        )

    def docker() -> Runtime:
        # Imported when it is wanted: the process runtime must work where no engine ever was.
        from harness.runtime.docker import DockerRuntime  # noqa: PLC0415
        from harness.runtime.docker.build import BuildOptions  # noqa: PLC0415

        return DockerRuntime(
            base_image=base_image, options=BuildOptions(found, index_url), isolation_runtime=engine_runtime
        )

    def process() -> Runtime:
        say(f"process runtime: isolation {ISOLATION}")
        return ProcessRuntime(VenvBuilder(index_url=index_url, ca_bundle=found))

    def auto() -> Runtime:
        from harness.runtime.docker.base_image import find_base  # noqa: PLC0415
        from harness.runtime.docker.engine import connect  # noqa: PLC0415

        try:
            find_base(connect(timeout_s=20), base_image)
        except EnvironmentFault as error:
            if not trusted:
                raise
            say(f"no Docker: {error.what}")
            return process()
        return docker()

    return {"auto": auto, "docker": docker, "process": process}[choice]
