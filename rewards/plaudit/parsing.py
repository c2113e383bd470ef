"""Reading a completion by its format: linear scans, no patterns, never an exception."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from plaudit.formats import Format


DENIALS = frozenset(("not", "never", "no", "cannot", "neither", "nor"))


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a format finds in one completion.

    Attributes:
        exact: The completion ends in exactly the format's shape, with a solution that isn't blank.
        solution: The text inside the one final solution, even where the shape isn't exact; None where there is none.
        span: Where the solution stands in the completion, as start and end.
        reasoning: The text of the working, without its tags; None where it was never closed.
        problem: Why the shape isn't exact, as a sentence; empty where it is.
    """

    exact: bool
    solution: str | None
    span: tuple[int, int] | None
    reasoning: str | None
    problem: str


class _Found(NamedTuple):
    start: int
    end: int
    problem: str


def parse_completion(form: Format, text: str) -> Parsed:
    """Read a completion: first the working, then the solution in what follows it."""
    end = _end_of_answer(form, text)
    tail, reasoning, problem = _after_reasoning(form, text, end)
    found = _answered_before(form, text, tail) or _find_solution(form, text, tail, end)
    if isinstance(found, str):
        return Parsed(False, None, None, reasoning, problem or found)
    solution = text[found.start : found.end]
    problem = problem or found.problem or _blank_or_nested(form, solution)
    return Parsed(not problem, solution, (found.start, found.end), reasoning, problem)


def _end_of_answer(form: Format, text: str) -> int:
    """Where the answer ends: before one end token and the white space around it."""
    end = len(text.rstrip())
    if not text.endswith(form.end_tokens, 0, end):
        return end
    for token in form.end_tokens:
        if text.endswith(token, 0, end):
            return len(text[: end - len(token)].rstrip())
    return end


def _after_reasoning(form: Format, text: str, end: int) -> tuple[int, str | None, str]:
    opening, closing = form.reasoning_open, form.reasoning_close
    if not closing:
        return 0, None, ""
    last = text.rfind(closing, 0, end)
    if last < 0:
        return 0, None, f"{closing} is missing"
    start, problem = _start_of_reasoning(opening, text, last, required=not form.prefilled)
    if text.count(closing, 0, end) > 1:
        problem = f"{closing} occurs more than once"
    return last + len(closing), text[start:last], problem


def _start_of_reasoning(opening: str, text: str, last: int, *, required: bool) -> tuple[int, str]:
    count = text.count(opening, 0, last)
    if count == 0:
        return 0, f"{opening} is missing" if required else ""
    first = text.find(opening)
    if count > 1:
        return first + len(opening), f"{opening} occurs more than once"
    return first + len(opening), f"{opening} is not at the start" if text[:first].strip() else ""


def _answered_before(form: Format, text: str, tail: int) -> str:
    """Say so where an answer stands before the last working: fake turns, or a second try."""
    closing = form.reasoning_close
    if not closing or (first := text.find(closing, 0, tail) + len(closing)) >= tail:
        return ""
    answered = form.solution_open.strip() in text[first : tail - len(closing)]
    return f"{closing} occurs more than once, with an answer in between" if answered else ""


def _find_solution(form: Format, text: str, tail: int, end: int) -> _Found | str:
    """Find the one solution in `text[tail:end]`, or say why there is none."""
    if not form.solution_open:
        return _Found(tail + _leading_space(text, tail, end), end, "")
    mark = form.solution_open.strip()
    count = text.count(mark, tail, end)
    if count != 1:
        return f"{mark} is missing after the working" if count == 0 else f"{mark} occurs {count} times"
    opened = text.find(mark, tail, end)
    start = opened + len(mark)
    if not form.reasoning_close and _denied(text[:opened]):
        return f"the words before {mark} take the solution back"
    if not form.solution_close:
        return _line_solution(text, start, end)
    if form.solution_close == "}":
        return _braced_solution(text, start, end)
    return _tagged_solution(form, text, (tail, opened, start, end))


def _denied(before: str) -> bool:
    """The last words before a mark that stands in prose say that what follows is not the answer."""
    words = before[-100:].lower().rpartition("\n")[2].replace("’", "'").split()[-3:]
    return any(word.strip(".,:;") in DENIALS or word.endswith("n't") for word in words)


def _leading_space(text: str, start: int, end: int) -> int:
    return (end - start) - len(text[start:end].lstrip())


def _line_solution(text: str, start: int, end: int) -> _Found:
    start += _leading_space(text, start, end)
    newline = text.find("\n", start, end)
    return _Found(start, end, "") if newline < 0 else _Found(start, newline, "text follows the solution")


def _braced_solution(text: str, start: int, end: int) -> _Found | str:
    depth, position = 1, start
    while depth:
        closing = text.find("}", position, end)
        if closing < 0:
            return "the brace of the solution is never closed"
        depth += text.count("{", position, closing) - 1
        position = closing + 1
    return _Found(start, position - 1, "")


def _tagged_solution(form: Format, text: str, bounds: tuple[int, int, int, int]) -> _Found:
    tail, opened, start, end = bounds
    closing = form.solution_close
    close = text.find(closing, start, end)
    if close < 0:
        return _Found(start, end, f"{closing} is missing")
    if text.count(closing, tail, end) > 1:
        return _Found(start, close, f"{closing} occurs more than once")
    if close + len(closing) != end:
        return _Found(start, close, f"text follows {closing}")
    if form.reasoning_close and text[tail:opened].strip():
        return _Found(start, close, "text stands between the working and the solution")
    return _Found(start, close, "")


def _blank_or_nested(form: Format, solution: str) -> str:
    if not solution.strip():
        return "the solution is blank"
    if form.reasoning_open and form.reasoning_open in solution:
        return f"{form.reasoning_open} stands inside the solution"
    return ""
