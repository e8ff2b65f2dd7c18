"""The numbers of the service, in one place."""

from typing import Final

ROWS_PER_PREDICTION: Final = 64
ROWS_PER_JOB: Final = 2000
ROWS_PER_CALL: Final = 64
FEATURES: Final = 64
LOWEST: Final = 0.0
HIGHEST: Final = 16.0

BODY_BYTES: Final = 4 * 1024 * 1024
# What is read and thrown away of a body that is too long, so that its sender gets to see the answer.
DRAINED_BYTES: Final = 64 * 1024 * 1024

ROWS_ADMITTED: Final = 224
# Three threads for those who wait and one for jobs: four calls of predict at a time.
PREDICTION_THREADS: Final = 3
GATHER_SECONDS: Final = 0.02

JOBS_WAITING: Final = 32
JOBS_KEPT: Final = 150
RETRY_AFTER_SECONDS: Final = 2
