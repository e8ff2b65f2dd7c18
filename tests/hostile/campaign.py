"""One run of all attacks, three at a time, with an honest submission beside each three."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from docker import DockerClient

from harness.record import GradeRecord
from harness.runtime.docker.environment import REPOSITORY
from tests.hostile.attacks import ATTACKS, Attack, honest
from tests.hostile.surroundings import Births, Index, Sentinel, alive_in, gateway, left_in, wheel

CHALLENGE = Path(__file__).with_name("catalogue") / "target"
_ABREAST = 3
# More than the challenge's ready_s and budget_s, what the harness adds to them and the analysis together: 510 s.
_DEADLINE_S = 600
# Copied before any test runs: the grades begin in threads, and pytest changes its own for each test.
_ENVIRONMENT = dict(os.environ)
_PTH = "import socket; [socket.socket().connect_ex((h, {port})) for h in {hosts} if h != '127.0.0.1']\n"


@dataclass
class Told:
    """What came of one grade. `memory` is the most that the harness held, in bytes."""

    code: int
    text: str
    document: str = ""
    report: str = ""
    record: GradeRecord | None = None
    seconds: float = 0.0
    memory: int = 0
    left: list[str] = field(default_factory=list)
    pid: int = 0


@dataclass
class Campaign:
    """`before` and `after` are the ids of the images that others use."""

    folder: Path
    told: dict[str, Told] = field(default_factory=dict)
    honest: list[Told] = field(default_factory=list)
    reached: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    before: dict[str, str] = field(default_factory=dict)
    after: dict[str, str] = field(default_factory=dict)


def run(client: DockerClient, base_image: str, folder: Path, chosen: Sequence[Attack] = ATTACKS) -> Campaign:
    """Grade the chosen attacks."""
    campaign = Campaign(folder)
    host = gateway(client)
    births = Births(client)
    sentinel = Sentinel([host, "127.0.0.1"])
    start = _PTH.format(port=sentinel.port, hosts=[host, "127.0.0.1"])
    index = Index(
        host,
        {"giant": wheel("giant", {"giant/data": bytes(1024**3)}), "pthy": wheel("pthy", {"pthy.pth": start.encode()})},
    )
    try:
        # The first one makes the environment that all of them share.
        campaign.honest.append(_honest(folder, base_image, 0))
        campaign.before = _images(client, base_image, campaign.honest[0])
        with ThreadPoolExecutor(_ABREAST + 1) as pool:
            for turn, first in enumerate(range(0, len(chosen), _ABREAST), 1):
                attacks = chosen[first : first + _ABREAST]
                running = {a.name: pool.submit(_attack, a, folder, base_image, sentinel, index) for a in attacks}
                beside = pool.submit(_honest, folder, base_image, turn)
                campaign.told |= {name: future.result() for name, future in running.items()}
                campaign.honest.append(beside.result())
        campaign.honest.append(_honest(folder, base_image, len(chosen) + 1))
        campaign.after = _images(client, base_image, campaign.honest[-1])
        everything = [*campaign.told.values(), *campaign.honest]
        pids = {told.pid for told in everything}
        born = births.of(pids)
        assert len(born) >= len(everything)
        campaign.left = left_in(client, pids) + alive_in(born)
        campaign.left += [line for told in everything for line in told.left]
        campaign.reached = sentinel.reached
    finally:
        births.close()
        sentinel.close()
        index.close()
    return campaign


def _images(client: DockerClient, base_image: str, first: Told) -> dict[str, str]:
    """The ids of what the honest one was graded with."""
    key = first.record.environment.image if first.record else ""
    return {name: str(client.images.get(name).id) for name in (base_image, f"{REPOSITORY}:{key}")}


def _honest(folder: Path, base_image: str, turn: int) -> Told:
    return _grade(str(honest(folder / f"honest-{turn}")), folder / f"out-honest-{turn}", base_image)


def _attack(attack: Attack, folder: Path, base_image: str, sentinel: Sentinel, index: Index) -> Told:
    source = attack.make(folder / attack.name)
    if isinstance(source, Path) and (source / "app").is_dir():
        (source / "app" / "target.json").write_text(sentinel.target())
    more = [*attack.arguments, *(["--index-url", index.url] if attack.index else [])]
    return _grade(str(source), folder / f"out-{attack.name}", base_image, *more, prelude=attack.prelude)


def _grade(source: str, out: Path, base_image: str, *more: str, prelude: str = "") -> Told:
    with tempfile.TemporaryDirectory() as scratch:
        # Of the program itself: what wait() tells counts from the fork on, when it was as large as pytest.
        peak = f"import atexit, shutil; atexit.register(shutil.copy, '/proc/self/status', {scratch + '/status'!r}); "
        command = [
            *(sys.executable, "-c", f"{peak}{prelude}from harness.cli import main; main()", "grade"),
            *("-c", str(CHALLENGE), "--out", str(out), "--base-image", base_image, "--no-baseline", "--quiet"),
            *more,
            *("--", source),
        ]
        environment = {**_ENVIRONMENT, "TMPDIR": scratch, "COLUMNS": "200", "NO_COLOR": "1"}
        begin = time.monotonic()
        with (Path(scratch) / "said").open("w+b") as said:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=said, stderr=said, env=environment)
            killer = threading.Timer(_DEADLINE_S, process.kill)
            killer.start()
            try:
                process.wait()
            finally:
                killer.cancel()
            said.seek(0)
            text = said.read().decode("utf-8", "replace")
        left = [f"file {path.name}" for path in Path(scratch).iterdir() if path.name not in ("said", "status")]
        memory = _peak(Path(scratch) / "status")
    told = Told(
        process.returncode,
        text,
        seconds=time.monotonic() - begin,
        memory=memory,
        left=left,
        pid=process.pid,
    )
    with suppress(FileNotFoundError):
        told.document = (out / "result.json").read_text()
        told.record = GradeRecord.model_validate(json.loads(told.document))
        told.report = (out / "report.html").read_text()
    return told


def _peak(status: Path) -> int:
    """The most that a process held, in bytes, by its /proc/PID/status; 0 for one that was killed and so wrote none."""
    lines = status.read_text().splitlines() if status.exists() else []
    return max((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:")), default=0)
