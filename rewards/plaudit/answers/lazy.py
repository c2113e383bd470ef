"""A property computed once per object, without a lock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar, overload

Value = TypeVar("Value")


class lazy(Generic[Value]):  # noqa: N801 - reads like `property`, which it is
    """Like `functools.cached_property`, whose one lock for all objects Python 3.11 takes at every first look.

    Two threads may both compute the value; it must not matter which of them is kept.

    >>> class Answer:
    ...     @lazy
    ...     def value(self):
    ...         print("computing")
    ...         return 42
    >>> answer = Answer()
    >>> answer.value, answer.value
    computing
    (42, 42)
    """

    def __init__(self, compute: Callable[[Any], Value]) -> None:
        self.compute = compute
        self.name = compute.__name__
        self.__doc__ = compute.__doc__

    @overload
    def __get__(self, instance: None, owner: type) -> lazy[Value]: ...

    @overload
    def __get__(self, instance: object, owner: type) -> Value: ...

    def __get__(self, instance: object | None, owner: type) -> lazy[Value] | Value:
        """Compute the value and leave it in the object, where it hides this descriptor from now on."""
        if instance is None:
            return self
        value = self.compute(instance)
        instance.__dict__[self.name] = value
        return value
