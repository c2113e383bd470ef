"""What `benchmarks/scoring.py` and `benchmarks/faults.py` share."""
