"""Train both versions of the model and write them where they are used.

    pip install "scikit-learn>=1.5" && python train.py

Versions: 1.0.0 is a logistic regression, 2.0.0 a small neural network. Data: scikit-learn's digits, 8 x 8 pixels.
Written are the weights for candidates (`.npz`, metadata as `.json`), and the same weights and some digits as JSON for
the graders, who have no NumPy. The seed is fixed and weights are rounded, so a second run gives the same files.
"""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

Array = NDArray[np.float64]
Layers = list[tuple[Array, Array]]

SEED = 20300131
SCALE = 16.0
DECIMALS = 6
SAMPLES = 80
# A zip keeps the moment of each member: one that never changes.
ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)

CHALLENGE = Path(__file__).resolve().parent.parent
PACKAGES = [CHALLENGE / part / "digit_model" / "data" for part in ("vendored", "starter", "reference")]
SUPPORT = CHALLENGE.parent.parent / "graders" / CHALLENGE.name / "support"


def trained(images: Array, labels: NDArray[np.int64]) -> dict[str, tuple[str, Layers]]:
    """The kind and the layers of each version."""
    linear = LogisticRegression(C=0.5, max_iter=2000, random_state=SEED).fit(images, labels)
    network = MLPClassifier((32,), alpha=1e-3, max_iter=600, random_state=SEED).fit(images, labels)
    return {
        "1.0.0": ("logistic regression", [(linear.coef_.T, linear.intercept_)]),
        "2.0.0": ("neural network", list(zip(network.coefs_, network.intercepts_, strict=True))),
    }


def accuracy(layers: Layers, images: Array, labels: NDArray[np.int64]) -> float:
    """The share of the images whose label is found."""
    values = images
    for at, (weight, bias) in enumerate(layers):
        values = (np.maximum(values, 0.0) if at else values) @ weight + bias
    return float(np.mean(values.argmax(axis=1) == labels))


def write_npz(path: Path, layers: Layers) -> None:
    """As `numpy.savez` does, but the same bytes each time."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for at, (weight, bias) in enumerate(layers):
            for name, array in ((f"weight_{at}", weight), (f"bias_{at}", bias)):
                buffer = io.BytesIO()
                np.lib.format.write_array(buffer, np.ascontiguousarray(array), allow_pickle=False)
                archive.writestr(zipfile.ZipInfo(f"{name}.npy", ZIP_EPOCH), buffer.getvalue())


def main() -> None:
    """Train, write, and say how good each version is."""
    images, labels = load_digits(return_X_y=True)
    seen, unseen, seen_labels, unseen_labels = train_test_split(
        images, labels, test_size=0.25, random_state=SEED, stratify=labels
    )
    exported = {}
    for version, (kind, exact) in trained(seen / SCALE, seen_labels).items():
        layers = [(np.round(weight, DECIMALS), np.round(bias, DECIMALS)) for weight, bias in exact]
        share = round(accuracy(layers, unseen / SCALE, unseen_labels), 4)
        about = {"name": "digits", "version": version, "kind": kind, "accuracy": share, "scale": SCALE}
        for folder in PACKAGES:
            folder.mkdir(parents=True, exist_ok=True)
            write_npz(folder / f"digits-{version}.npz", layers)
            (folder / f"digits-{version}.json").write_text(json.dumps(about, indent=2) + "\n", "utf-8")
        exported[version] = {
            "kind": kind,
            "accuracy": share,
            "layers": [{"weight": weight.tolist(), "bias": bias.tolist()} for weight, bias in layers],
        }
        print(f"{version} {kind}: accuracy {share}")
    SUPPORT.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"scale": SCALE, "versions": exported}, separators=(",", ":"))
    (SUPPORT / "weights.json").write_text(text + "\n", "utf-8")
    rows = [[int(pixel) for pixel in row] for row in unseen[:SAMPLES]]
    (SUPPORT / "samples.json").write_text(json.dumps(rows, separators=(",", ":")) + "\n", "utf-8")


if __name__ == "__main__":
    main()
