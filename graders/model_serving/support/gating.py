"""Predictions that wait while predict is held."""

from __future__ import annotations

from harness.authoring import CapacityGate, Race, Reply, expect, until

from .telemetry import begun


async def computing(stub: CapacityGate, race: Race) -> None:
    """Until the model is seen at work."""
    await until(lambda: bool(begun(stub, "predict")) or race.over())
    told = [reply.describe() for reply in race.so_far() if isinstance(reply, Reply)]
    expect(
        begun(stub, "predict"),
        "Predictions are sent and predict isn't called",
        expected="a call of Model.predict",
        actual=told[0] if told else "none within 25 s",
    )
