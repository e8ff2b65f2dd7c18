"""Digits, read by a model behind HTTP."""
