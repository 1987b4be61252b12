"""The parts of `tests.benchmarks.scale`: libraries of up to a million passages, and what they cost."""
