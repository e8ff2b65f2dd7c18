"""Checks that any challenge may have: they judge what the tools read in the code."""
