"""Code: a submission as the signals read it."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from functools import cached_property

from harness.analysis.names import Names
from harness.analysis.routes import Web, read_web


class Code:
    """The trees, what their names stand for, and what is told to FastAPI."""

    def __init__(self, trees: Iterable[tuple[str, ast.Module]]) -> None:
        self.trees = list(trees)
        self.names = Names(self.trees)

    @cached_property
    def web(self) -> Web:
        """Routes, dependencies and models."""
        return read_web(self.names, self.trees)

    @cached_property
    def _calls(self) -> list[tuple[str, ast.Call, str]]:
        return [
            (path, node, self.names.of(path, node.func))
            for path, tree in self.trees
            for node in ast.walk(tree)
            if isinstance(node, ast.Call)
        ]

    def calls(self) -> Iterator[tuple[str, ast.Call, str]]:
        """Every call: its file, the node, and the dotted name of what is called as far as it can be told."""
        return iter(self._calls)
