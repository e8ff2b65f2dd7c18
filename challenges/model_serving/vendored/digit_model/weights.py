"""Weights: what was trained, as it is read from the package's data files, and how NumPy computes with it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Array: TypeAlias = npt.NDArray[np.float64]

Predict: TypeAlias = Callable[[Array], Array]
"""From a batch, shape (n, 64), pixels from 0 to 16, to probabilities, shape (n, 10)."""


@dataclass(frozen=True)
class Layer:
    """`weight` has the shape (inputs, outputs), `bias` the shape (outputs,)."""

    weight: Array
    bias: Array


@dataclass(frozen=True)
class Weights:
    """A network: pixels divided by `scale`, then the layers with ReLU between them, then softmax.

    With one layer that is a logistic regression.
    """

    version: str
    kind: str
    accuracy: float
    scale: float
    layers: tuple[Layer, ...]


Backend: TypeAlias = Callable[[Weights], Predict]
"""Makes, once per load, the function that computes: an ONNX session, a PyTorch module, ..."""


def read(version: str) -> Weights:
    """The weights of a version that exists."""
    folder = files(__package__) / "data"
    about = json.loads((folder / f"digits-{version}.json").read_text("utf-8"))
    with (folder / f"digits-{version}.npz").open("rb") as file, np.load(file, allow_pickle=False) as arrays:
        count = len(arrays.files) // 2
        layers = tuple(
            Layer(np.asarray(arrays[f"weight_{at}"], np.float64), np.asarray(arrays[f"bias_{at}"], np.float64))
            for at in range(count)
        )
    return Weights(version, str(about["kind"]), float(about["accuracy"]), float(about["scale"]), layers)


def numpy_backend(weights: Weights) -> Predict:
    """The built-in backend."""

    def predict(batch: Array) -> Array:
        values = batch / weights.scale
        for at, layer in enumerate(weights.layers):
            values = (np.maximum(values, 0.0) if at else values) @ layer.weight + layer.bias
        odds = np.exp(values - values.max(axis=1, keepdims=True))
        return np.asarray(odds / odds.sum(axis=1, keepdims=True), np.float64)

    return predict
