"""The laws, by what they are about; importing this enters all of them into the list."""

from plaudit.testing.laws import batches, identity, processes, results, rows

__all__ = ["batches", "identity", "processes", "results", "rows"]
