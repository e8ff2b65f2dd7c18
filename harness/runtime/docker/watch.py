"""Watch: ends containers that write too much or take too long, since the engine has no limit for that."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from docker import DockerClient
from docker.errors import DockerException
from requests import RequestException


@dataclass
class Watch:
    """`exceeded` once a container was ended since it wrote too much."""

    exceeded: bool = False


def _never() -> bool:
    return False


@contextmanager
def watched(
    client: DockerClient,
    filters: dict[str, str],
    most_bytes: int,
    every_s: float,
    overdue: Callable[[], bool] = _never,
) -> Iterator[Watch]:
    """Kill each container that the filters find and that has written more than `most_bytes` to its own layer.

    Once `overdue` says so, each that they find is killed, whatever it wrote.

    Looks every `every_s` seconds, so that somewhat more may be written. Asking is no small thing for the engine: it
    counts the files.
    """
    told = Watch()
    over = threading.Event()

    def look() -> None:
        while not over.wait(every_s):
            with suppress(DockerException, RequestException):
                for one in client.api.containers(size=True, filters=dict(filters)):
                    too_large = one.get("SizeRw", 0) > most_bytes
                    told.exceeded = told.exceeded or too_large
                    if too_large or overdue():
                        client.api.kill(one["Id"])

    watcher = threading.Thread(target=look, name="watch", daemon=True)
    watcher.start()
    try:
        yield told
    finally:
        over.set()
        watcher.join(60)
