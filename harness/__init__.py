"""takehome: grades take-home submissions of FastAPI developers."""

from harness.version import __version__

__all__ = ["__version__"]
