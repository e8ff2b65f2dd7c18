"""What the environment tells the service, and the numbers that it keeps to."""

import os
from dataclasses import dataclass

ATTEMPT_SECONDS = 2.0
ORDER_SECONDS = 6.0
STOCK_SECONDS = 60.0


@dataclass(frozen=True)
class Settings:
    database_url: str
    inventory_url: str
    payments_url: str

    @classmethod
    def from_environment(cls) -> "Settings":
        """Read the variables; a missing one stops the start with its name."""
        return cls(
            database_url=_required("DATABASE_URL"),
            inventory_url=_required("INVENTORY_URL").rstrip("/"),
            payments_url=_required("PAYMENTS_URL").rstrip("/"),
        )


def _required(name: str) -> str:
    value = os.environ.get(name)
    if not value:
        raise RuntimeError(f"environment variable {name} is not set")
    return value
