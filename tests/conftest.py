"""How Hypothesis runs here: without a clock, since a busy machine must not fail a test of correctness."""

import os

from hypothesis import settings

# in continuous integration always the same examples; at home new ones each time, to find what nobody thought of
settings.register_profile("without-clock", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("without-clock")
