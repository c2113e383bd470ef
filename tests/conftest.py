"""How Hypothesis runs here: without a clock, since a busy machine must not fail a test of correctness."""

from hypothesis import settings

settings.register_profile("without-clock", deadline=None)
settings.load_profile("without-clock")
