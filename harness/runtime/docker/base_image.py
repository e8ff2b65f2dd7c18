"""The base image: the official slim Python, any that the user names, or one made from Debian packages."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from docker import DockerClient
from docker.errors import APIError, ImageNotFound

from harness.errors import EnvironmentFault, UsageError
from harness.runtime.docker.engine import KIND, engine_faults

OFFICIAL = "python:3.13-slim"
BOOTSTRAPPED = "takehome-base:bootstrap"
SUITE = "trixie"
_DEBOOTSTRAP_S = 900
_KEYRINGS = (
    "/usr/share/keyrings/debian-archive-keyring.gpg",
    "/usr/share/keyrings/debian-archive-keyring.pgp",
)


def find_base(client: DockerClient, named: str | None) -> str:
    """The image that everything is built on.

    The one named by the user; else the official one if it is here; else the bootstrapped one if that is here; else
    the official one is pulled.

    Raises:
        EnvironmentFault: it can't be had.
    """
    if named:
        return named if _is_here(client, named) else _pull(client, named)
    for image in (OFFICIAL, BOOTSTRAPPED):
        if _is_here(client, image):
            return image
    return _pull(client, OFFICIAL)


def identified(client: DockerClient, image: str) -> str:
    """The image's name with the start of its id: a name stays when what it stands for is made anew."""
    with engine_faults("looking for the base image"):
        return f"{image}@{str(client.images.get(image).id)[:19]}"


def _is_here(client: DockerClient, image: str) -> bool:
    with engine_faults("looking for the base image"):
        try:
            client.images.get(image)
        except ImageNotFound:
            return False
    return True


def _pull(client: DockerClient, image: str) -> str:
    try:
        client.images.pull(image)
    except (APIError, ImageNotFound) as error:
        raise EnvironmentFault(
            f"the base image {image} can't be had",
            where="the image registry",
            detail=str(getattr(error, "explanation", error))[:300],
            next_step="name one that is here with --base-image, or make one: `takehome images build --bootstrap`",
        ) from error
    return image


def bootstrap(client: DockerClient, *, suite: str = SUITE, mirror: str | None = None) -> str:
    """Make the base image from Debian packages (about a minute); returns its name.

    Raises:
        UsageError: not root, or debootstrap or Debian's keyring is not installed.
        EnvironmentFault: debootstrap or the engine failed.
    """
    tool = shutil.which("debootstrap") or shutil.which("debootstrap", path="/usr/sbin:/sbin")
    keyring = next((k for k in _KEYRINGS if Path(k).is_file()), None)
    if os.geteuid() != 0:
        raise UsageError("making a base image from Debian packages needs root", next_step="run it as root, on Debian")
    if tool is None or keyring is None:
        raise UsageError("debootstrap is not installed", next_step="apt-get install debootstrap debian-archive-keyring")
    with tempfile.TemporaryDirectory(prefix="takehome-base-") as name:
        root = Path(name) / "root"
        command = [
            tool,
            "--variant=minbase",
            "--force-check-gpg",
            f"--keyring={keyring}",
            "--include=python3,python3-venv,ca-certificates",
            suite,
            str(root),
            *([mirror] if mirror else []),  # without one, debootstrap takes the release's own
        ]
        try:
            done = subprocess.run(
                command,
                capture_output=True,
                text=True,
                timeout=_DEBOOTSTRAP_S,
                check=False,
                stdin=subprocess.DEVNULL,
            )
        except subprocess.TimeoutExpired as error:
            raise EnvironmentFault("debootstrap took too long", where=f"{_DEBOOTSTRAP_S} s") from error
        if done.returncode:
            raise EnvironmentFault(
                "debootstrap failed", where=f"{suite} from {mirror or 'the default mirror'}", detail=done.stdout[-1500:]
            )
        for cache in ("var/cache/apt", "var/lib/apt/lists", "usr/share/doc", "usr/share/man"):
            shutil.rmtree(root / cache, ignore_errors=True)
        _import(client, root)
    return BOOTSTRAPPED


def _import(client: DockerClient, root: Path) -> None:
    packed = root.with_suffix(".tar")
    subprocess.run(["tar", "-C", str(root), "-cf", str(packed), "."], check=True, timeout=300)  # noqa: S607
    repository, _, tag = BOOTSTRAPPED.partition(":")
    with engine_faults("importing the base image"), packed.open("rb") as stream:
        client.api.import_image_from_data(
            stream, repository=repository, tag=tag, changes=[f"LABEL {KIND}=base", "ENV LC_ALL=C.UTF-8"]
        )
