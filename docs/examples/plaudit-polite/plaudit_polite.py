"""A reward for politeness."""

from plaudit import reward


@reward(low=0.0, high=1.0)
def polite(completion: str, *, greeting: str = "Dear") -> float:
    """Pay 1 when the completion begins with a greeting.

    Args:
        greeting: What it must begin with.
    """
    return float(completion.startswith(greeting))
