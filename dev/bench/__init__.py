"""Benchmarks: each measures ours and a baseline in turn, in the same run."""
