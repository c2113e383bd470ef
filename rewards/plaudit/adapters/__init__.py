"""Adapters, one module per trainer; and the way back, rewards made of functions that were written for a trainer."""

from plaudit.adapters.trl import from_trl
from plaudit.adapters.verifiers import from_verifiers
from plaudit.adapters.verl import from_verl

__all__ = ["from_trl", "from_verifiers", "from_verl"]
