"""Watch: ends containers that write too much, since the engine has no limit for that."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from docker import DockerClient
from docker.errors import DockerException
from requests import RequestException


@dataclass
class Watch:
    """`exceeded` once a container was ended."""

    exceeded: bool = False


@contextmanager
def watched(client: DockerClient, filters: dict[str, str], most_bytes: int, every_s: float) -> Iterator[Watch]:
    """Kill each container that the filters find and that has written more than `most_bytes` to its own layer.

    Looks every `every_s` seconds, so that somewhat more may be written. Asking is no small thing for the engine: it
    counts the files.
    """
    told = Watch()
    over = threading.Event()

    def look() -> None:
        while not over.wait(every_s):
            with suppress(DockerException, RequestException):
                for one in client.api.containers(size=True, filters=dict(filters)):
                    if one.get("SizeRw", 0) > most_bytes:
                        told.exceeded = True
                        client.api.kill(one["Id"])

    watcher = threading.Thread(target=look, name="watch", daemon=True)
    watcher.start()
    try:
        yield told
    finally:
        over.set()
        watcher.join(60)
