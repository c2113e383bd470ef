"""Looking at rewards: what GRPO would feel of a file of scores, and where two judges differ.

Pure functions over columns of numbers; nothing here needs numpy or the `report` extra.
"""

from plaudit.look.comparison import Comparison, compare
from plaudit.look.diagnosis import Diagnosis, diagnose
from plaudit.look.reading import read_table
from plaudit.look.table import Table

__all__ = ["Comparison", "Diagnosis", "Table", "compare", "diagnose", "read_table"]
