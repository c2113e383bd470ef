r"""Is this answer the same as that one? Extraction, exact numbers, a maths reader, ball arithmetic, structure.

>>> from plaudit.answers import equal, extract
>>> equal("0.5", r"\frac12").equal
True
>>> extract(r"Therefore \boxed{42}.").text
'42'
"""

from plaudit.answers.equality import equal, equal_batch
from plaudit.answers.extract import extract
from plaudit.answers.numbers import doubt, first_number, number
from plaudit.answers.types import Extraction, Policy, Verdict

__all__ = ["Extraction", "Policy", "Verdict", "doubt", "equal", "equal_batch", "extract", "first_number", "number"]
