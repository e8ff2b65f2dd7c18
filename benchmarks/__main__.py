"""`python -m benchmarks`: those that make a claim, one after the other."""

from benchmarks import batch_throughput, grade_cost, static_cost

grade_cost.main()
static_cost.main()
batch_throughput.main()
