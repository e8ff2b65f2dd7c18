"""Runtimes: where a pod runs. `docker` isolates it, `process` gives the same shape without isolation."""

from harness.runtime.base import Channel, Environment, Pod, Runtime, Target

__all__ = ["Channel", "Environment", "Pod", "Runtime", "Target"]
