"""Modules whose package isn't installed here are not collected: `make test-ray` runs those of Ray."""

from importlib.util import find_spec

RAY = ["rewards/plaudit/engines/actors.py", "rewards/plaudit/engines/ray.py"]
collect_ignore_glob = [] if find_spec("ray") else RAY
