"""What attacks are graded in: listeners, a package index and a watch on the engine; and the table of the attacks."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from harness.runtime.docker.engine import connect
from tests.hostile.surroundings import ContainerWatch, Images, PackageIndex, Sentinel, Surroundings, find_gateway, wheel

ROW = "attack"


@pytest.fixture(scope="session")
def surroundings(base_image: str) -> Iterator[Surroundings]:
    """One for each process that runs tests; closed with its last test."""
    client = connect()
    host = find_gateway(client)
    watch, sentinel = ContainerWatch(client), Sentinel([host, "127.0.0.1"])
    wheels = {"giant": lambda: wheel("giant", {"giant/data": 1024**3}), "pthy": lambda: _make_pth_wheel(sentinel)}
    index = PackageIndex(host, wheels)
    try:
        yield Surroundings(client, base_image, sentinel, index, watch, Images(client, base_image))
    finally:
        watch.close()
        sentinel.close()
        index.close()
        client.close()


def _make_pth_wheel(sentinel: Sentinel) -> bytes:
    """A wheel whose .pth file connects to the sentinel and prints a trace whenever the interpreter starts."""
    line = (
        f"import os, socket; _found = [socket.socket().connect_ex(({sentinel.hosts[0]!r}, {sentinel.port}))]; "
        "os.write(2, f'\\nTRACE pth: connect returned {_found}\\n'.encode())\n"
    )
    return wheel("pthy", {"pthy.pth": line.encode()})


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """A row an attack: its threats, how it ended, which side was blamed, what it cost.

    A row comes with the report of its test, from whichever process has run it.
    """
    reports = [report for reports in terminalreporter.stats.values() for report in reports]
    rows: dict[str, str] = {}
    for report in reports:
        for name, row in getattr(report, "user_properties", ()):
            if name == ROW:
                cells = json.loads(row)
                rows[cells[0]] = "{:<20} {:<9} {:>4} {:>6} {:<11} {:>5} {:>5}  {}".format(*cells)
    if not rows:
        return
    terminalreporter.section("attacks")
    terminalreporter.write_line(
        f"{'attack':<20} {'threats':<9} {'exit':>4} {'score':>6} {'blame':<11} {'s':>5} {'MB':>5}  what"
    )
    for _, line in sorted(rows.items()):
        terminalreporter.write_line(line)
