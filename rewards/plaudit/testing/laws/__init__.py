"""The laws, by what they are about; importing this enters all of them into the list."""

from plaudit.testing.laws import batches, results

__all__ = ["batches", "results"]
