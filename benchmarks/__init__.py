"""Speed claims, measured: each benchmark prints a ratio against something run in turn beside it."""
