"""Benchmarks as ratios within one run; ``script/bench`` calls them."""
