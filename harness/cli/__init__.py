"""The command line. It listens to the engine's events and prints; it decides nothing about grades."""

from harness.cli.app import main

__all__ = ["main"]
