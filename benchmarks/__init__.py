"""Benchmarks: every figure is measured against a yardstick in the same run. Refuses to be part of the tests."""
