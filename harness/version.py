"""The version of this distribution; the wheel is built from it."""

__version__ = "0.1.0"
