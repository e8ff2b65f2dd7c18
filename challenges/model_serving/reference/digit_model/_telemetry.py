"""What is told of each call: nothing. The graded run has another file in this place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal


@contextmanager
def reported(event: Literal["load", "predict"], version: str, values: Callable[[], bytes] = bytes) -> Iterator[None]:
    """Around each call of `load` and `predict`; `values` gives the batch as doubles."""
    del event, version, values
    yield
