"""Static analysis: what a submission's code says of itself, read by mypy, ruff and the syntax tree.

Nothing here imports or runs the submission. Standard library only, apart from starting mypy and ruff, which stand
beside the interpreter that runs this.
"""
