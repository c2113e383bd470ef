"""Modules whose package isn't installed here are not collected: `make test-ray` runs those of Ray."""

import signal
from importlib.util import find_spec

RAY = ["rewards/plaudit/engines/actors.py", "rewards/plaudit/engines/ray.py"]
collect_ignore_glob = [] if find_spec("ray") else RAY

# A shell starts what it puts into the background (`make test &`) deaf to Ctrl-C, and all processes under test with it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
