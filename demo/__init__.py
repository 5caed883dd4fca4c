"""The synthetic city: a deterministic Jakarta without a real person in it, for demonstrations, tests and benchmarks."""
