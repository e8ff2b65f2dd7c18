"""Warm: whoever imports this has the templates of the report compiled, for every process that is copied from it."""

from __future__ import annotations

from harness.reporting.page import compile_all

compile_all()
