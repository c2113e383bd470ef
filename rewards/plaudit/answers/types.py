"""What the answer grader is asked with and what it says: options, a found answer, a verdict."""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import partial
from typing import Any, Literal, NamedTuple

Status = Literal["found", "none", "ambiguous"]


class Extraction(NamedTuple):
    """An answer found in a completion, or why there is none.

    `text` is the answer, `span` its place in the given text (start, end), `how` the ending that
    marked it. `status` is "found", "none" (nothing there) or "ambiguous" (something is there, but
    the text takes it back or offers several).

    >>> Extraction("found", "42", (11, 13), "boxed").text
    '42'
    """

    status: Status
    text: str | None
    span: tuple[int, int] | None
    how: str


class Verdict(NamedTuple):
    """Whether a prediction equals the gold, and which rule settled it.

    `equal` is True, False, or None where nobody can say: the gold can't be read (`gold_readable` is
    then False), or no layer decided. `how` names layer and rule in words. `seconds` is wall time.

    >>> Verdict(True, "text: identical", 0.0).equal
    True
    """

    equal: bool | None
    how: str
    seconds: float
    gold_readable: bool = True


# The same from a tuple, in half the time that a named tuple's constructor takes; one of each is made for every answer.
new_extraction: Callable[[tuple[Status, str | None, tuple[int, int] | None, str]], Extraction] = partial(
    tuple.__new__, Extraction
)
new_verdict: Callable[[tuple[bool | None, str, float, bool]], Verdict] = partial(tuple.__new__, Verdict)


_CHOICES: dict[str, tuple[Any, ...]] = {
    "percent": ("either", "value", "written"),
    "units": ("may-be-missing", "required", "ignored"),
    "degrees": ("either", "value", "written"),
    "decimals": ("digits", "exact"),
    "list_order": ("ignored", "kept"),
    "assignment_prefix": ("ignored", "required"),
    "inequalities": ("as-intervals", "written"),
    "boxes": ("joined", "last", "refused"),
    "choice_text": (True, False),
    "refuse_hedges": (True, False),
    "rename_bound_variables": (True, False),
    "rename_constants": (True, False),
    "engine": (True, False),
}


@dataclass(frozen=True, slots=True)
class Policy:
    """What counts as equal, where mathematics alone does not say; every field has a stated default.

    - `percent`: "either" lets 50% equal 0.5 and 50; "value" only 0.5; "written" wants the sign on both sides.
    - `units`: "may-be-missing" lets 5 cm equal 5 (never 5 m); "required" wants the same unit on both sides;
      "ignored" looks at the number only.
    - `degrees`: "either" lets 30 degrees equal 30 and pi/6; "value" only pi/6; "written" wants the sign on both sides.
    - `decimals`: "digits" lets a decimal gold be met to the digits it gives; "exact" does not. An exact gold has no
      slack, but for the 16 or 17 digits that a computer prints of it.
    - `tolerance`: relative slack on numbers, 0 to 1 (0 is off). It only ever widens.
    - `list_order`: "ignored" or "kept" for lists without brackets. Tuples always keep theirs, sets never.
    - `assignment_prefix`: "ignored" lets x = 5 equal 5; "required" does not.
    - `inequalities`: "as-intervals" lets 0 < x < 1 equal (0, 1); "written" does not.
    - `boxes`: several boxes side by side are "joined" to a list, or the "last" one counts, or they are "refused".
    - `choice_text`: a choice letter may carry its text (B. 42).
    - `refuse_hedges`: an answer that says not, maybe, wrong and the like is refused.
    - `rename_bound_variables`: f(m) = 2m equals f(n) = 2n.
    - `rename_constants`: n pi equals k pi, C equals c.
    - `engine`: the symbolic engine may be asked as the last resort.
    - `engine_seconds`: its deadline for one case, from when the case starts; 0.01 to 600.

    Raises ValueError for a value that is not among these.

    >>> Policy(percent="value").percent
    'value'
    """

    percent: Literal["either", "value", "written"] = "either"
    units: Literal["may-be-missing", "required", "ignored"] = "may-be-missing"
    degrees: Literal["either", "value", "written"] = "either"
    decimals: Literal["digits", "exact"] = "digits"
    tolerance: float = 0.0
    list_order: Literal["ignored", "kept"] = "ignored"
    assignment_prefix: Literal["ignored", "required"] = "ignored"
    inequalities: Literal["as-intervals", "written"] = "as-intervals"
    boxes: Literal["joined", "last", "refused"] = "joined"
    choice_text: bool = True
    refuse_hedges: bool = True
    rename_bound_variables: bool = True
    rename_constants: bool = True
    engine: bool = True
    engine_seconds: float = 0.5

    def __post_init__(self) -> None:
        for name, allowed in _CHOICES.items():
            value = getattr(self, name)
            if value not in allowed or (isinstance(allowed[0], bool) and not isinstance(value, bool)):
                raise ValueError(_unknown_choice(name, value, allowed))
        _check_range("tolerance", self.tolerance, 0.0, 1.0)
        _check_range("engine_seconds", self.engine_seconds, 0.01, 600.0)

    def __hash__(self) -> int:
        # a part of every cached question: these few tell most policies apart, and fifteen take their time
        return hash((self.percent, self.units, self.tolerance, self.engine_seconds))


POLICY_FIELDS = tuple(field.name for field in fields(Policy))


def _unknown_choice(name: str, value: object, allowed: tuple[Any, ...]) -> str:
    listed = ", ".join(repr(choice) for choice in allowed)
    near = difflib.get_close_matches(str(value), [str(choice) for choice in allowed], n=1, cutoff=0.4)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    return f"Policy({name}={value!r}): not one of {listed}.{hint} Give one of these, or leave it out for the default."


def _check_range(name: str, value: object, low: float, high: float) -> None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not math.isfinite(float(value)) or not low <= float(value) <= high:  # type: ignore[arg-type]
        raise ValueError(f"Policy({name}={value!r}): needs a number from {low:g} to {high:g}. Give one in that range.")
