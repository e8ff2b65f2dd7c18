"""digit_model: reads handwritten digits of 8 x 8 pixels. Needs NumPy and nothing else.

    import digit_model
    import numpy as np

    model = digit_model.load("2.0.0")                    # slow, blocks: once per version and process
    prediction = model.predict(np.zeros((3, 64)))        # blocks: one call for many rows is cheaper than many calls
    prediction.labels                                    # array of 3 integers from 0 to 9
    prediction.probabilities                             # array of shape (3, 10)

Both calls are plain functions that block, maybe for long: call them where waiting hurts nobody. They may be called from
any thread, several at a time; nothing in here limits how many.

The weights may run on something other than NumPy (scikit-learn, ONNX Runtime, PyTorch): see `Backend`.
"""

from digit_model.model import Model, Prediction, Signature, UnknownVersionError, load, versions
from digit_model.weights import Array, Backend, Layer, Predict, Weights

__all__ = [
    "Array",
    "Backend",
    "Layer",
    "Model",
    "Predict",
    "Prediction",
    "Signature",
    "UnknownVersionError",
    "Weights",
    "load",
    "versions",
]
