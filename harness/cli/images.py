"""`takehome images`: the base, tools and environment images."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated

import typer
from docker.errors import APIError
from rich.table import Table

from harness.cli.console import out, progress
from harness.cli.options import BaseImageOption, CaBundleOption, IndexUrlOption
from harness.runtime.docker import DockerRuntime
from harness.runtime.docker.base_image import SUITE, bootstrap
from harness.runtime.docker.build import BuildOptions
from harness.runtime.docker.engine import KIND, connect, engine_faults
from harness.runtime.trust import ca_bundle

app = typer.Typer(no_args_is_help=True, help="Build, list and prune the images that grading uses.")


@app.command("build")
def build_command(
    from_debian: Annotated[
        bool,
        typer.Option("--bootstrap", help="Make the base image from Debian packages (root, debootstrap)."),
    ] = False,
    suite: Annotated[str, typer.Option("--suite", help="The Debian release of --bootstrap.")] = SUITE,
    mirror: Annotated[str | None, typer.Option("--mirror", help="The Debian mirror of --bootstrap.")] = None,
    base_image: BaseImageOption = None,
    bundle: CaBundleOption = None,
    index_url: IndexUrlOption = None,
) -> int:
    """Build the tools image, and with --bootstrap the base image first."""
    client = connect(timeout_s=600)
    if from_debian:
        base_image = bootstrap(client, suite=suite, mirror=mirror)
        out.print(f"base image: {base_image}", markup=False)
    runtime = DockerRuntime(base_image=base_image, options=BuildOptions(ca_bundle(bundle), index_url), client=client)
    with progress() as listener:
        base, tools = runtime.prepare(listener)
    out.print(f"ready: {tools} on {base}", markup=False)
    return 0


@app.command("list")
def list_command() -> int:
    """List our images."""
    table = Table("image", "kind", "MB", "packages")
    with engine_faults("listing images"):
        for image in connect().images.list(filters={"label": KIND}):
            packages = image.labels.get("takehome.packages", "")
            table.add_row(
                ", ".join(image.tags) or str(image.short_id),
                image.labels[KIND],
                f"{image.attrs['Size'] / 1e6:.0f}",
                str(packages.count("==") or packages.count(":")),
            )
    out.print(table)
    return 0


@app.command("prune")
def prune_command(
    everything: Annotated[bool, typer.Option("--all", help="Also the tools and base images.")] = False,
) -> int:
    """Remove the environment images and tools volumes; they are built again when needed."""
    kinds = ("environment", "tools", "base") if everything else ("environment",)
    client = connect()
    count = 0
    with engine_faults("removing images"):
        for image in client.images.list(filters={"label": KIND}):
            if image.labels[KIND] in kinds:
                with suppress(APIError):  # in use by a run that is going on
                    client.images.remove(str(image.id), force=True)
                    count += 1
        for volume in client.volumes.list(filters={"label": f"{KIND}=tools"}) if everything else []:
            with suppress(APIError):
                volume.remove()
    out.print(f"{count} images removed", markup=False)
    return 0
