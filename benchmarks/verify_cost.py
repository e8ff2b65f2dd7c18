"""What a case of a verification costs: a whole grade of a mutant, and the same in a warm runtime.

    python -m benchmarks.verify_cost [-c CHALLENGE ...] [--cases N] [--runtime docker|process] [--base-image IMAGE]

The same mutants, verified in turn, in one go, on environments that are warm for both. A cost is what the machine's
processors did meanwhile, in seconds of one core, so it has to have nothing else to do: what an idle machine does is
measured before, and a busy one is refused. Docker's own work counts, too. The first case of the warm runtime, which
starts what the others share, is told apart. The claim is the mean over the three challenges below.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import psutil

from harness.challenge import Challenge
from harness.cli.options import choose_runtime
from harness.packs import find_challenge
from harness.runtime.base import Runtime
from harness.runtime.trust import ca_bundle
from harness.runtime.venv import VenvBuilder
from harness.runtime.warm import WarmRuntime
from harness.verify import verify

TARGET_S = 4.0
CHALLENGES = ("users_api", "model_serving", "order_service")
_IDLE_S, _IDLE_SHARE = 5.0, 0.05


def busy_s() -> float:
    """Seconds that the processors of this machine have worked since it started."""
    times = psutil.cpu_times()
    return float(sum(times) - times.idle - getattr(times, "iowait", 0.0))


def cost(challenge: Challenge, runtime: Callable[[], Runtime], mutant: str) -> float:
    """Seconds of one core for one mutant.

    Raises:
        SystemExit: it is not as expected, so that what it costs means nothing.
    """
    begin = busy_s()
    (verdict,) = verify(challenge, runtime, only=[mutant], quick=True).verdicts
    if verdict.complaints:
        raise SystemExit(f"{challenge.id}, {mutant}: {'; '.join(verdict.complaints)}")
    return busy_s() - begin


def mutants_of(challenge: Challenge, count: int) -> list[str]:
    """So many of them, spread over the whole; the ones that read code cost what a tool costs and are left out."""
    names = [name for name, mutant in challenge.mutants().items() if mutant.check not in ("types", "lint")]
    step = max(1, len(names) // count)
    return names[::step][:count]


def measured(challenge: Challenge, whole: Callable[[], Runtime], warm: WarmRuntime, names: Sequence[str]) -> float:
    """Print the costs of each mutant; returns the mean of the warm ones."""
    cost(challenge, whole, names[0])
    first = cost(challenge, lambda: warm, names[0])
    print(f"{challenge.id}: the first warm case, with what the others share: {first:.1f} s of one core")
    pairs = [(cost(challenge, whole, name), cost(challenge, lambda: warm, name)) for name in names]
    for name, (before, after) in zip(names, pairs, strict=True):
        print(f"  {name:<24} whole {before:6.1f}  warm {after:6.1f}  ratio {before / after:5.2f}")
    mean = statistics.mean(after for _, after in pairs)
    print(f"  mean: whole {statistics.mean(before for before, _ in pairs):.1f}, warm {mean:.1f}", flush=True)
    return mean


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.verify_cost")
    parser.add_argument("-c", "--challenge", action="append", help="may be given again")
    parser.add_argument("--cases", type=int, default=6, help="mutants of each challenge")
    parser.add_argument("--runtime", default="docker", help="what whole grades run in")
    parser.add_argument("--base-image")
    arguments = parser.parse_args()
    begin = busy_s()
    time.sleep(_IDLE_S)
    share = (busy_s() - begin) / _IDLE_S
    if share > _IDLE_SHARE:
        raise SystemExit(f"the machine is busy ({share:.2f} cores): its processors would be counted for others")
    bundle: Path | None = ca_bundle(None)
    made = choose_runtime(arguments.runtime, base_image=arguments.base_image, bundle=bundle)()
    warm = WarmRuntime(VenvBuilder(ca_bundle=bundle))
    try:
        means = []
        for name in arguments.challenge or CHALLENGES:
            challenge = find_challenge(name)
            means.append(measured(challenge, lambda: made, warm, mutants_of(challenge, arguments.cases)))
    finally:
        warm.close()
    print(f"a warm case costs {statistics.mean(means):.1f} s of one core on average; the goal: {TARGET_S:.0f}")


if __name__ == "__main__":
    main()
