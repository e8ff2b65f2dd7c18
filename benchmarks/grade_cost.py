"""What a grade costs over its floor: the same pod, started to ready and removed, without a single check.

    python -m benchmarks.grade_cost [--runs N] [--runtime docker|process] [-c CHALLENGE] [--base-image IMAGE]

Floor and full grade run in turn, in one go, on an environment that is warm for both; the median ratio is the claim.
What the candidate's own tests add is told beside it: how long they take is the candidate's doing.
Peak memory is the largest process of this host that the run started (process runtime) and this process itself;
what runs inside containers is the engine's and is told by the engine per container.
"""

from __future__ import annotations

import argparse
import dataclasses
import resource
import statistics
import tempfile
import time
from pathlib import Path

from harness.challenge import Challenge
from harness.cli.options import choose_runtime
from harness.events import ignore
from harness.grade import GradeRequest, grade
from harness.packs import find_challenge
from harness.plan import make_plan
from harness.runtime.base import Runtime
from harness.session import Session
from harness.submission import ingest, read_project

TARGET = 5.0


def floor(challenge: Challenge, runtime: Runtime) -> tuple[float, int | None]:
    """Seconds to bring a pod up to ready and remove it, and the candidate's peak memory in bytes."""
    with tempfile.TemporaryDirectory() as folder:
        begin = time.monotonic()
        snapshot = ingest(str(challenge.reference), ref=None, workdir=Path(folder))
        try:
            plan = make_plan(challenge, snapshot, read_project(snapshot.path, app=None), seed=1)
            plan = dataclasses.replace(plan, checks=())
            environment = runtime.environment(plan, ignore)
            with runtime.pod(plan, environment) as pod:
                evidence = Session(plan, pod, ignore).run()
                peak = pod.peak_memory()
            seconds = time.monotonic() - begin
        finally:
            snapshot.remove()
    if evidence.ready_seconds is None:
        raise SystemExit(f"the reference did not get ready: {evidence.interrupted or evidence.not_ready}")
    return seconds, peak


def full(challenge: Challenge, runtime: Runtime, *, own_tests: bool = False) -> float:
    """Seconds of a whole grade of the reference."""
    begin = time.monotonic()
    record = grade(GradeRequest(str(challenge.reference), challenge, seed=1, own_tests=own_tests), lambda: runtime)
    if record.score.value != 100:
        raise SystemExit(f"the reference scores {record.score.value}: a grade that fails is no measure")
    return time.monotonic() - begin


def main() -> None:
    """Run floor and full in turn and print seconds, peak memory and the ratio."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.grade_cost")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--runtime", default="docker", choices=["docker", "process"])
    parser.add_argument("--challenge", "-c", default="users_api")
    parser.add_argument("--base-image", default=None)
    arguments = parser.parse_args()
    challenge = find_challenge(arguments.challenge)
    runtime = choose_runtime(arguments.runtime, base_image=arguments.base_image)()
    full(challenge, runtime, own_tests=True)  # warms images, environments and page cache for all
    floors, fulls, ratios, tested = [], [], [], []
    for run in range(1, arguments.runs + 1):
        low, peak = floor(challenge, runtime)
        high = full(challenge, runtime)
        tested.append(full(challenge, runtime, own_tests=True) / low)
        floors.append(low)
        fulls.append(high)
        ratios.append(high / low)
        memory = f", candidate {peak / 2**20:.0f} MiB" if peak else ""
        print(
            f"run {run}: floor {low:.1f} s, full {high:.1f} s, ratio {high / low:.2f}{memory}; "
            f"with its own tests {tested[-1]:.2f}",
            flush=True,
        )
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"peak memory: this process {own:.0f} MiB, largest subprocess {child:.0f} MiB")
    ratio = statistics.median(ratios)
    print(
        f"median: floor {statistics.median(floors):.1f} s, full {statistics.median(fulls):.1f} s, "
        f"ratio {ratio:.2f} (at most {TARGET:g}); with its own tests {statistics.median(tested):.2f}"
    )
    raise SystemExit(0 if ratio <= TARGET else 1)


if __name__ == "__main__":
    main()
