"""Limits: how much of anything this process takes on, in one place."""

from typing import Final

# One call of predict: as many rows as it takes, and how long the first of them waits for others.
BATCH_ROWS: Final = 64
BATCH_WINDOW_S: Final = 0.005

# Rows that are admitted and not answered yet, over all versions.
ADMITTED_ROWS: Final = 192

JOB_ROWS: Final = 2000
WAITING_JOBS: Final = 32
KEPT_JOBS: Final = 200

BODY_BYTES: Final = 4 * 1024 * 1024
RETRY_AFTER_S: Final = 1
