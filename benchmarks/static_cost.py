"""What the static stage costs: everything that is read from the code of a reference, cold against warm.

    python -m benchmarks.static_cost [--runs N] [-c CHALLENGE]

Cold is an empty mypy cache, warm a copy of the environment's (made once, with the environment); they run in turn, and
the median ratio is the claim. Then one grade under the process runtime: `lint` and `types` wait for what is left of the
stage when their turn comes, so their seconds are what the stage adds to a grade.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from harness.challenge import Challenge
from harness.events import ignore
from harness.grade import GradeRequest, grade
from harness.packs import find_challenge
from harness.runtime.process import ProcessRuntime
from harness.runtime.trust import ca_bundle
from harness.runtime.venv import VenvBuilder, warm_cache
from harness.submission import ingest, read_project

TARGET = 0.25
_STATIC = ("lint", "types")


def analysis(challenge: Challenge, environment: Path, cache: Path | None) -> float:
    """Seconds of one analysis of the reference; `cache` is copied first, which counts."""
    with tempfile.TemporaryDirectory() as scratch:
        begin = time.monotonic()
        arguments = ["--source", str(challenge.reference), "--python", str(environment / "venv" / "bin" / "python")]
        if cache is not None:
            shutil.copytree(cache, Path(scratch) / "cache")
            arguments += ["--cache", f"{scratch}/cache"]
        arguments += [f"--vendored={name}" for name in challenge.spec.vendored]
        subprocess.run(
            [sys.executable, "-P", "-m", "harness.analysis", *arguments],
            stdout=subprocess.DEVNULL,
            timeout=600,
            check=True,
        )
        return time.monotonic() - begin


def main() -> None:
    """Run cold and warm in turn, then one grade; print seconds and ratios."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.static_cost")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--challenge", "-c", default="users_api")
    options = parser.parse_args()
    challenge = find_challenge(options.challenge)
    builder = VenvBuilder(ca_bundle=ca_bundle(None))
    with tempfile.TemporaryDirectory() as folder:
        snapshot = ingest(str(challenge.reference), ref=None, workdir=Path(folder))
        requirements = read_project(snapshot.path, app=None).dependencies.requirements
        snapshot.remove()
    environment = Path(builder.build(requirements, ignore).handle)
    colds, warms = [], []
    analysis(challenge, environment, warm_cache(environment))  # the page cache, for both
    for run in range(1, options.runs + 1):
        colds.append(analysis(challenge, environment, None))
        warms.append(analysis(challenge, environment, warm_cache(environment)))
        print(f"run {run}: cold {colds[-1]:.1f} s, warm {warms[-1]:.1f} s, ratio {warms[-1] / colds[-1]:.3f}")
    ratio = statistics.median(warm / cold for warm, cold in zip(warms, colds, strict=True))
    print(f"warm / cold: {ratio:.3f} (at most {TARGET})")
    record = grade(GradeRequest(str(challenge.reference), challenge, seed=1), lambda: ProcessRuntime(builder))
    waited = sum(check.seconds for check in record.checks if check.id in _STATIC)
    total = record.timings["total"]
    print(f"of a grade of {total:.1f} s, {waited:.2f} s were spent waiting for the static stage ({waited / total:.1%})")


if __name__ == "__main__":
    main()
