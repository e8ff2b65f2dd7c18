"""Model: one version, loaded."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from digit_model import _telemetry
from digit_model.weights import Array, Backend, Predict, Weights, numpy_backend, read

_NAME = "digits"
_VERSIONS = ("1.0.0", "2.0.0")


class UnknownVersionError(LookupError):
    """There is no such version."""


@dataclass(frozen=True)
class Signature:
    """What a row has to be, and what the labels are."""

    features: int = 64
    minimum: float = 0.0
    maximum: float = 16.0
    labels: tuple[int, ...] = tuple(range(10))


@dataclass(frozen=True)
class Prediction:
    """For each row of the batch, in its order: `labels` has the shape (n,), `probabilities` the shape (n, 10)."""

    labels: npt.NDArray[np.int64]
    probabilities: Array


@dataclass(frozen=True)
class Model:
    """A loaded version; `load` makes it."""

    weights: Weights = field(repr=False)
    compute: Predict = field(repr=False)
    signature: Signature = Signature()
    name: str = _NAME

    @property
    def version(self) -> str:
        """Such as `2.0.0`."""
        return self.weights.version

    @property
    def kind(self) -> str:
        """Such as `neural network`."""
        return self.weights.kind

    @property
    def accuracy(self) -> float:
        """The share of unseen digits that it reads right."""
        return self.weights.accuracy

    def predict(self, batch: npt.ArrayLike) -> Prediction:
        """Read digits: `batch` has the shape (n, 64), one row per digit, n at least 1. Blocks; any thread may call it.

        Raises:
            ValueError: the shape is another, or a value is no finite number. The whole batch is refused then.
        """
        rows = np.atleast_1d(np.asarray(batch, np.float64))
        if not len(rows) or rows.shape != (len(rows), self.signature.features):
            raise ValueError(f"a batch has the shape (n, {self.signature.features}), not {rows.shape}")
        if not np.isfinite(rows).all():
            raise ValueError("a batch holds finite numbers only")
        with _telemetry.reported("predict", self.version, rows.tobytes):
            probabilities = self.compute(rows)
            return Prediction(np.argmax(probabilities, axis=1).astype(np.int64), probabilities)


def versions() -> tuple[str, ...]:
    """All versions, the oldest first."""
    return _VERSIONS


def load(version: str, *, backend: Backend | None = None) -> Model:
    """Load a version. Blocks; any thread may call it.

    Args:
        version: one of `versions()`.
        backend: what computes, in place of NumPy.

    Raises:
        UnknownVersionError: there is no such version.
    """
    if version not in _VERSIONS:
        raise UnknownVersionError(f"no version {version!r}; there are {', '.join(_VERSIONS)}")
    with _telemetry.reported("load", version):
        weights = read(version)
        return Model(weights, (backend or numpy_backend)(weights))
