"""Benchmarks: how fast imports are, and what snapshots, requests and logs cost in CPU. Run by `python -m evals.bench`.

Absolute figures are those of the machine; requests are told as multiples of a bare FastAPI POST of the same run.
"""
