"""Grades that are killed at random moments, each followed by one that is left alone; `scripts/soak` runs many of them.

`python -m tests.faults.kills [KILLS [SECONDS]]` stops early after so many seconds; exit code 1 when anything was wrong.
"""

from __future__ import annotations

import os
import random
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from docker import DockerClient

from harness.runtime.docker.base_image import find_base
from harness.runtime.docker.engine import connect
from tests.faults.runs import TINY, Run, in_engine, on_host, record_of, start


@dataclass(frozen=True)
class Kill:
    """`after` is where in the grade it was killed, as a share of an undisturbed one's time."""

    after: float
    ended_before: bool
    record: str
    leaked: tuple[str, ...]

    @property
    def good(self) -> bool:
        return self.record in ("whole", "absent") and not self.leaked


def undisturbed(folder: Path, base_image: str) -> float:
    """The seconds that a grade takes when nobody kills it."""
    begin = time.monotonic()
    run = start(TINY / "stubborn", TINY / "challenge", folder, base_image)
    printed = run.end()
    record = run.record()
    if record is None or not record.gradable:
        raise RuntimeError(f"a grade that nobody disturbs has to go well: {printed}")
    return time.monotonic() - begin


def killed_after(seconds: float, folder: Path, base_image: str) -> tuple[Run, bool]:
    """A grade that was killed after so many seconds, and whether it had ended before."""
    run = start(TINY / "stubborn", TINY / "challenge", folder, base_image)
    time.sleep(seconds)
    ended = run.process.poll() is not None
    run.process.kill()
    run.process.communicate()
    return run, ended


def kill_one(client: DockerClient, folder: Path, base_image: str, share: float, whole_s: float) -> Kill:
    """Kill a grade after a share of its time, let another one run, and see what is left of the first."""
    run, ended = killed_after(share * whole_s, folder, base_image)
    record = record_of(run)
    undisturbed(folder, base_image)
    return Kill(share, ended, record, tuple([*in_engine(client, [run.pid]), *on_host(run)]))


def main() -> int:
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    limit = time.monotonic() + (float(sys.argv[2]) if len(sys.argv) > 2 else 24 * 3600)
    seed = int(os.environ.get("TAKEHOME_SEED") or time.time())
    dice = random.Random(seed)
    client = connect(timeout_s=300)
    base_image = find_base(client, os.environ.get("TAKEHOME_BASE_IMAGE"))
    done: list[Kill] = []
    with tempfile.TemporaryDirectory(prefix="soak-") as name:
        undisturbed(Path(name) / "0", base_image)  # makes what is not here yet
        whole_s = undisturbed(Path(name) / "1", base_image)
        print(f"seed {seed}; a grade that nobody disturbs takes {whole_s:.1f} s", flush=True)
        while len(done) < kills and time.monotonic() < limit:
            kill = kill_one(client, Path(name) / f"kill-{len(done)}", base_image, dice.random(), whole_s)
            done.append(kill)
            left = ", ".join(kill.leaked) or "nothing"
            print(f"{len(done):3} killed at {kill.after:4.0%}: record {kill.record}, leaked {left}", flush=True)
    whole, half = (sum(kill.record == what for kill in done) for what in ("whole", "half-written"))
    leaked = [one for kill in done for one in kill.leaked]
    print(
        f"{len(done)} of {kills} kills ({sum(kill.ended_before for kill in done)} came after the end); "
        f"records: {whole} whole, {len(done) - whole - half} absent, {half} half-written; "
        f"leaked: {', '.join(leaked) or 'nothing'}"
    )
    return 0 if all(kill.good for kill in done) else 1


if __name__ == "__main__":
    raise SystemExit(main())
