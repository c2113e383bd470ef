"""Lets tests import the small rewards beside them by name, as a user's script would."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
