"""Whether a grade depends on the machine: the same submission, again and again, beside busy loops.

    python -m benchmarks.steadiness [--runs 10] [--loops 6] [--runtime docker|process] [--submission FOLDER]

Prints each score and exits 1 when two differ.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os

from harness.cli.options import choose_runtime
from harness.grade import GradeRequest, grade
from harness.packs import find_challenge


def _spin(parent: int) -> None:
    while os.getppid() == parent:
        for _ in range(1_000_000):
            pass


def main() -> None:
    """Grade `--runs` times beside `--loops` processes that never rest."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.steadiness")
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--loops", type=int, default=6)
    parser.add_argument("--runtime", default="docker", choices=["docker", "process"])
    parser.add_argument("--challenge", "-c", default="users_api")
    parser.add_argument("--submission", default=None)
    arguments = parser.parse_args()
    challenge = find_challenge(arguments.challenge)
    maker = choose_runtime(arguments.runtime)
    loops = [multiprocessing.Process(target=_spin, args=(os.getpid(),), daemon=True) for _ in range(arguments.loops)]
    for loop in loops:
        loop.start()
    try:
        seen = set()
        for run in range(1, arguments.runs + 1):
            record = grade(GradeRequest(arguments.submission or str(challenge.reference), challenge), maker)
            lost = [f"{c.id} {c.outcome}" for c in record.checks if c.outcome != "pass"]
            print(f"run {run}: {record.score.value} in {record.timings['total']:.1f} s {', '.join(lost)}", flush=True)
            seen.add(record.score.value)
    finally:
        for loop in loops:
            loop.kill()
    print(f"{arguments.runs} runs beside {arguments.loops} busy loops: {len(seen)} different scores")
    raise SystemExit(0 if len(seen) == 1 else 1)


if __name__ == "__main__":
    main()
