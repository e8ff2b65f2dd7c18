"""What the environment says."""

from functools import cache

from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    """The variables of the brief."""

    secret_key: str
    source_url: str


@cache
def get_settings() -> Settings:
    """Read once."""
    return Settings()
