"""Virtual environments that were handed in with the work: found by their names as these go by. Pure."""

from __future__ import annotations

from harness.submission.names import INTERPRETERS, MARK

Parts = tuple[str, ...]


class Environments:
    """Which folders of a tree are virtual environments (PEP 405), whatever they are called."""

    def __init__(self) -> None:
        self._marked: set[Parts] = set()
        self._run: set[Parts] = set()

    def note(self, parts: Parts) -> None:
        """Take note of an entry of any kind: an interpreter is mostly a link."""
        if parts[-1] == MARK:
            self._marked.add(parts[:-1])
        if parts[-2:] in INTERPRETERS:
            self._run.add(parts[:-2])

    def found(self) -> set[Parts]:
        """Those that are. The whole tree is none: there is work in it."""
        return (self._marked & self._run) - {()}


def lies_in(parts: Parts, folders: set[Parts]) -> bool:
    """Whether an entry lies in one of these folders."""
    return any(parts[:depth] in folders for depth in range(1, len(parts)))
