"""The parts of `tests.benchmarks.scale`: libraries of up to a million passages, what they cost."""
