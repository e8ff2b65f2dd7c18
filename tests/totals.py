"""How many tests passed and failed, added up over several runs of pytest.

Each run appends a line to the file that TAKEHOME_TOTALS names, if it names one. As a program: print their sum.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

_COUNTED = {
    "passed": "passed",
    "xfailed": "passed",
    "failed": "failed",
    "error": "failed",
    "xpassed": "failed",
    "skipped": "skipped",
}


def add_totals(outcomes: Mapping[str, int]) -> None:
    """Append what one run came to."""
    name = os.environ.get("TAKEHOME_TOTALS")
    if not name:
        return
    counts: Counter[str] = Counter()
    for outcome, count in outcomes.items():
        if outcome in _COUNTED:
            counts[_COUNTED[outcome]] += count
    with Path(name).open("a", encoding="utf-8") as file:
        file.write(json.dumps(counts) + "\n")


def read_totals() -> Counter[str]:
    """The sum of all runs so far."""
    path = Path(os.environ.get("TAKEHOME_TOTALS") or os.devnull)
    counts: Counter[str] = Counter()
    for line in path.read_text("utf-8").splitlines() if path.exists() else []:
        counts.update(json.loads(line))
    return counts


def format_totals(counts: Mapping[str, int]) -> str:
    """One plain line; what was skipped is named where there is any."""
    text = f"{counts.get('passed', 0)} passed, {counts.get('failed', 0)} failed"
    return text + (f", {skipped} skipped" if (skipped := counts.get("skipped", 0)) else "")


if __name__ == "__main__":
    print(format_totals(read_totals()))
