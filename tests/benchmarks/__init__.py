"""Benchmarks: `uv run python -m tests.benchmarks NAME`; each prints a table and one JSON line of ratios."""
