"""`once`: a property that an immutable object computes at the first look."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    once = property  # type checkers let a property override a property, and nothing else
else:

    class once(property):  # noqa: N801 - reads like `property`, which it is
        """A read-only property, computed once per object and kept in it; the object must not change.

        Two threads may both compute it; either result is right.

        >>> class Answer:
        ...     @once
        ...     def value(self):
        ...         print("computing")
        ...         return 42
        >>> answer = Answer()
        >>> answer.value, answer.value
        computing
        (42, 42)
        """

        def __init__(self, compute: Any) -> None:
            super().__init__(compute)
            self._key = f"_{compute.__name__}_once"

        def __get__(self, instance: Any, owner: type | None = None) -> Any:
            if instance is None:
                return self
            kept = instance.__dict__
            if self._key not in kept:
                kept[self._key] = self.fget(instance)
            return kept[self._key]
