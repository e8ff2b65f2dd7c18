"""How many examples: a few that are always the same, or as many new ones as TAKEHOME_FUZZ_EXAMPLES says."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

ASKED = int(os.environ.get("TAKEHOME_FUZZ_EXAMPLES", "0"))


def examples(few: int) -> settings:
    """Settings for a property; `few` examples in every test run."""
    return settings(
        max_examples=ASKED or few,
        derandomize=not ASKED,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
