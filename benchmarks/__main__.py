"""`python -m benchmarks`: all of them."""

from benchmarks.grade_cost import main

main()
