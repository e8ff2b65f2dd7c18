"""What a check shows besides its transcript, whatever its outcome."""

from __future__ import annotations

from dataclasses import dataclass, field

_MOST = 50


@dataclass
class Evidence:
    """Numbers that were read, and places in the submission's code. At most 50 of each are kept."""

    numbers: dict[str, float | int | str] = field(default_factory=dict)
    places: list[dict[str, str | int]] = field(default_factory=list)

    def number(self, name: str, value: float | int | str) -> None:
        """Show a number under a name; the last one of a name is kept."""
        if name in self.numbers or len(self.numbers) < _MOST:
            self.numbers[name] = value

    def code(self, path: str, line: int, message: str, *, rule: str = "", url: str = "") -> None:
        """Point at a line of the submission; `line` counts from 1."""
        if len(self.places) < _MOST:
            self.places.append({"path": path, "line": line, "message": message, "rule": rule, "url": url})
