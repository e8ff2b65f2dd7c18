"""Runs the program that the variable PROGRAM holds."""

from __future__ import annotations

import os

exec(os.environ["PROGRAM"])
