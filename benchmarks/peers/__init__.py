"""What `benchmarks/answers.py` measures with: the peers, the rows, the runner, the tables."""
