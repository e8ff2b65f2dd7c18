"""Timeline: where the time of a grade went, as bars on one scale. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from harness.record import GradeRecord, Outcome

_STAGES = {
    "ingest": "Reading the submission",
    "environment": "Preparing the environment",
    "ready": "Its start, until it answered",
    "again": "Lost checks once more",
    "image": "Building its Dockerfile",
}
_CHECK = "check:"


@dataclass(frozen=True)
class Bar:
    """`left` and `width` are shares (0 to 1) of the whole; `began` and `seconds` are seconds."""

    name: str
    began: float
    seconds: float
    left: float
    width: float
    outcome: Outcome | None = None
    anchor: str = ""


@dataclass(frozen=True)
class Timeline:
    """The bars in the order in which they began, and how long the whole took in seconds."""

    bars: tuple[Bar, ...] = ()
    total: float = 0.0


def timeline(record: GradeRecord, anchors: dict[str, str]) -> Timeline:
    """Stages and checks on one scale; none for a record that doesn't say when they began.

    `anchors` has where each check stands on the page, by its id.
    """
    checks = {check.id: check for check in record.checks}
    spans: list[tuple[str, float, float, Outcome | None, str]] = []
    for name, began in record.began.items():
        if name.startswith(_CHECK):
            check = checks.get(name.removeprefix(_CHECK))
            if check is not None and check.outcome != "blocked":
                spans.append((check.id, began, check.seconds, check.outcome, anchors.get(check.id, "")))
        elif name in _STAGES and name in record.timings:
            spans.append((_STAGES[name], began, record.timings[name], None, ""))
    total = max([record.timings.get("total", 0.0), *(began + seconds for _, began, seconds, _, _ in spans)])
    if not spans or total <= 0:
        return Timeline()
    bars = [
        Bar(name, began, seconds, began / total, max(seconds / total, 0.002), outcome, anchor)
        for name, began, seconds, outcome, anchor in sorted(spans, key=lambda span: span[1])
    ]
    return Timeline(tuple(bars), total)
