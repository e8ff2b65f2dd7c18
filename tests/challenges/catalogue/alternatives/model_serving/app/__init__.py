"""A service around `digit_model`."""

import os

# Batches are small: more BLAS threads only cost memory. Has to be set before NumPy is imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
