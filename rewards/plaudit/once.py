"""`once`: a property that an immutable object computes at the first look."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    once = property  # type checkers let a property override a property, and nothing else
else:

    class once:  # noqa: N801 - reads like `property`
        """A property computed once per object and kept in it; the object must not change.

        Unlike `functools.cached_property`, which on Python 3.11 takes one lock for all objects at every first look. Two
        threads may both compute it; either result is right.

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
            self.compute = compute
            self.name = compute.__name__
            self.__doc__ = compute.__doc__

        def __get__(self, instance: Any, owner: type | None = None) -> Any:
            """Compute the value and leave it in the object, where it hides this descriptor from now on."""
            if instance is None:
                return self
            value = self.compute(instance)
            instance.__dict__[self.name] = value
            return value
