"""What the environment tells the service."""

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    database_url: str
    profile_url: str
    secret_key: str
    admin_email: str
    admin_password: str

    @classmethod
    def from_environment(cls):
        """Read the variables; a missing one stops the start with its name."""
        return cls(
            database_url=_required("DATABASE_URL").replace("postgresql://", "postgresql+asyncpg://", 1),
            profile_url=_required("PROFILE_URL").rstrip("/"),
            secret_key=_required("SECRET_KEY"),
            admin_email=_required("ADMIN_EMAIL").lower(),
            admin_password=_required("ADMIN_PASSWORD"),
        )


def _required(name):
    value = os.environ.get(name)
    if not value:
        raise RuntimeError(f"environment variable {name} is not set")
    return value
