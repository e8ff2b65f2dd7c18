"""Everything that can be tuned, in one place. DESIGN.md says how the numbers fit together."""

import os
from dataclasses import dataclass
from typing import Final

# --- deadlines, in seconds ---------------------------------------------------------------------------
ATTEMPT_SECONDS: Final = 2.0
# An order is answered by then (6 s are promised).
ORDER_SECONDS: Final = 5.9
# No upstream call of an order runs longer: the rest is for writing down how it ended.
ORDER_UPSTREAM_SECONDS: Final = 5.5
RECEIPT_SECONDS: Final = 1.95
STOCK_SECONDS: Final = 60.0
# An attempt that would have less time than this is not started.
MIN_ATTEMPT_SECONDS: Final = 0.2

# --- retries -----------------------------------------------------------------------------------------
MAX_ATTEMPTS: Final = 3
BACKOFF_SECONDS: Final = ((0.1, 0.2), (0.2, 0.4))
# Ten seconds are promised; the upstream's clock sees our attempts with some jitter.
BUDGET_WINDOW_SECONDS: Final = 10.5
BUDGET_RETRIES: Final = 30
BUDGET_CALLS_PER_EXTRA_RETRY: Final = 5
MAX_RETRY_AFTER_SECONDS: Final = 3600

# --- circuit breaker ---------------------------------------------------------------------------------
BREAKER_FAILURES: Final = 5
BREAKER_OPEN_SECONDS: Final = 2.0

# --- bulkheads ---------------------------------------------------------------------------------------
# Calls in flight per upstream and lane (stock, orders, receipts); more are refused with 503.
LANE_LIMIT: Final = 600
UNDO_CONCURRENCY: Final = 20
MAX_REQUEST_BYTES: Final = 1 << 20
MAX_ANSWER_BYTES: Final = 1 << 20

# --- compensation ------------------------------------------------------------------------------------
UNDO_CALL_SECONDS: Final = 7.0
UNDO_PAUSE_SECONDS: Final = (1.0, 2.0)

# --- database ----------------------------------------------------------------------------------------
DB_OPERATION_SECONDS: Final = 2.0
DB_POOL_SIZE: Final = 10
STARTUP_WAIT_SECONDS: Final = 20.0

# --- shutdown ----------------------------------------------------------------------------------------
DRAIN_SECONDS: Final = 29.5
UNDO_DRAIN_SECONDS: Final = 3.0
HARD_EXIT_SECONDS: Final = 37.0


@dataclass(frozen=True, slots=True)
class Settings:
    database_url: str
    inventory_url: str
    payments_url: str

    @classmethod
    def from_environment(cls) -> "Settings":
        return cls(
            database_url=os.environ["DATABASE_URL"],
            inventory_url=os.environ["INVENTORY_URL"],
            payments_url=os.environ["PAYMENTS_URL"],
        )
