"""How Hypothesis runs here.

Without a clock, since a busy machine must not fail a test of correctness; and always the same examples, since a test
that fails by chance says nothing of the change at hand. `pytest --hypothesis-profile explore` draws new ones.
"""

from hypothesis import settings

settings.register_profile("repeatable", deadline=None, derandomize=True)
settings.register_profile("explore", deadline=None, derandomize=False, print_blob=True)
settings.load_profile("repeatable")
