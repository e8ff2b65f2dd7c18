"""What a killed run left in the engine, found by its labels and removed."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial

from docker import DockerClient
from docker.errors import APIError, NotFound

from harness.runtime.docker.engine import BUILD, KIND, LABEL, OWNER, engine_faults, owner_is_gone


def sweep(client: DockerClient, *, everything: bool = False) -> list[str]:
    """Remove what runs whose process is gone left: containers, volumes, networks, half-made images.

    Returns what was removed.

    `everything` removes those of running processes and of other hosts as well.
    """

    def abandoned(labels: dict[str, str] | None) -> bool:
        return everything or owner_is_gone((labels or {}).get(OWNER, ""))

    removed = []
    with engine_faults("sweeping"):
        for container in client.containers.list(all=True, filters={"label": LABEL}, ignore_removed=True):
            if abandoned(container.labels) and _gone(partial(container.remove, force=True, v=True)):
                removed.append(f"container {container.name}")
        for volume in client.volumes.list(filters={"label": LABEL}):
            if abandoned(volume.attrs.get("Labels")) and _gone(partial(volume.remove, force=True)):
                removed.append(f"volume {volume.name}")
        for network in client.networks.list(filters={"label": LABEL}):
            if abandoned(network.attrs.get("Labels")) and _gone(network.remove):
                removed.append(f"network {network.name}")
        # Not client.images.list: it inspects each, and fails on one that another run removes meanwhile.
        for image in client.api.images(filters={"label": f"{KIND}={BUILD}"}):
            if abandoned(image["Labels"]) and _gone(partial(client.images.remove, image["Id"], force=True)):
                removed.append(f"image {(image['RepoTags'] or [image['Id'][:19]])[0]}")
    return removed


def _gone(remove: Callable[[], object]) -> bool:
    with suppress(NotFound, APIError):
        remove()
        return True
    return False


def abandoned_count(client: DockerClient) -> int:
    """How many containers and volumes of ours have lost their owner."""
    with engine_faults("looking for left-overs"):
        containers = client.containers.list(all=True, filters={"label": LABEL}, ignore_removed=True)
        volumes = client.volumes.list(filters={"label": LABEL})
    labels = [c.labels for c in containers] + [v.attrs.get("Labels") or {} for v in volumes]
    return sum(owner_is_gone(found.get(OWNER, "")) for found in labels)
