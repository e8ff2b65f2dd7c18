"""The base image of the tests. As a program: have it, and the tools image on it, before the tests begin."""

from __future__ import annotations

import os
import time

from harness.errors import EnvironmentFault
from harness.events import ignore
from harness.runtime.docker import DockerRuntime
from harness.runtime.docker.base_image import bootstrap, find_base
from harness.runtime.docker.build import BuildOptions
from harness.runtime.docker.engine import connect
from harness.runtime.lock import host_lock
from harness.runtime.trust import ca_bundle


def prepare_base_image() -> str:
    """The name of a base image that is here: the official one, else one made from Debian packages."""
    client = connect(timeout_s=600)
    # Several processes of one test run may want it at once.
    with host_lock("base-image-of-the-tests"):
        try:
            return find_base(client, os.environ.get("TAKEHOME_BASE_IMAGE"))
        except EnvironmentFault:
            return bootstrap(client)


def main() -> None:
    """Prepare both images and print what each has cost."""
    start = time.monotonic()
    base = prepare_base_image()
    print(f"base image {base}: {time.monotonic() - start:.1f} s", flush=True)
    start = time.monotonic()
    _, tools = DockerRuntime(base_image=base, options=BuildOptions(ca_bundle(None))).prepare(ignore)
    print(f"tools image {tools}: {time.monotonic() - start:.1f} s", flush=True)


if __name__ == "__main__":
    main()
