"""The numbers that the service is tuned by."""

from typing import Final

DEFAULT_VERSION: Final = "2.0.0"

FEATURES: Final = 64
PIXEL_MAXIMUM: Final = 16
BODY_BYTES: Final = 4 * 1024 * 1024
BUFFERED_BYTES: Final = 64 * 1024 * 1024
"""All bodies that are being read or parsed, together."""

PREDICTION_ROWS: Final = 64
JOB_ROWS: Final = 2_000

CALL_ROWS: Final = 64
CALLS_AT_ONCE: Final = 4
GATHER_SECONDS: Final = 0.025
"""How long the oldest row waits for others, counted from when it came."""

ADMITTED_ROWS: Final = 192
JOB_WORKERS: Final = 2
JOBS_WAITING: Final = 32
JOBS_KEPT: Final = 128
"""Finished jobs; those that aren't finished are always kept."""

RETRY_SECONDS: Final = 1
