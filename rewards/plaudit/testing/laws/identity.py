"""Laws 23 and 24: the name of a reward, and its way into a recipe and back."""

from __future__ import annotations

import pickle

from plaudit.composite import Composite, unique_names
from plaudit.errors import ConfigError, PlauditError, UnknownOptionError
from plaudit.recipe import Recipe
from plaudit.registry import name_of, option_types, reward_from
from plaudit.testing.context import Context, all_same
from plaudit.testing.law import NotApplicableError, Verdict, law
from plaudit.testing.laws.fixed import fixed_batch
from plaudit.testing.results import Counterexample


@law(
    23,
    "name",
    "Its name is one word that a metric can carry, stays the same, and stays unique in a sum.",
    needs="spec",
    explain="""Trainers log under __name__. Two rewards with one name share a curve; one whose name holds an address
    or a space breaks dashboards; one whose name changes between processes can't be compared.""",
)
def name(context: Context) -> Verdict:
    """Law 23."""
    reward, spec = context.full, context.spec
    code = f"reward = {context.target}\nprint(reward.spec.name)"
    if reward.__name__ != spec.name or not spec.name or any(letter.isspace() for letter in spec.name):
        return Counterexample(f"is called {reward.__name__!r} for trainers and {spec.name!r} in its spec", code)
    if context.plain.spec.name != spec.name:
        return Counterexample(f"changes its name from {spec.name!r} to {context.plain.spec.name!r}", code)
    try:
        copy = pickle.loads(pickle.dumps(context.plain))  # noqa: S301 - pickled on this line
    except Exception:  # noqa: BLE001 - the law `pickle` judges that
        copy = context.plain
    if copy.spec.name != spec.name:
        return Counterexample(f"is called {copy.spec.name!r} once pickled, and {spec.name!r} before", code)
    names = unique_names([reward, reward, reward])
    return None if len(set(names)) == 3 else Counterexample(f"shares a name with itself in a sum: {names}", code)


@law(
    24,
    "config-round-trip",
    "Written to a recipe and read again it pays the same, and an option it doesn't have is refused.",
    needs="spec",
    explain="""A run that can't be written down can't be repeated. Options belong to the constructor, as plain
    values, and a misspelt one must be refused with the nearest known name instead of being ignored.""",
)
def config_round_trip(context: Context) -> Verdict:
    """Law 24."""
    reward = context.full
    code = f"from plaudit import Recipe\nreward = {context.target}\nprint(Recipe('r', reward).to_dict())"
    if getattr(context.plain, "foreign", False):
        raise NotApplicableError("a trainer's own function has no options that a recipe could hold")
    written = reward if isinstance(reward, Recipe) else Recipe("round-trip", reward)
    try:
        again = Recipe.from_dict(written.to_dict())
    except (PlauditError, TypeError) as error:
        return Counterexample(f"can't be written to a recipe and read again: {error}", code)
    batch = fixed_batch(context)
    if context.spec.deterministic and not all_same(context.values(batch), context.values(batch, again)):
        return Counterexample("pays otherwise once it was written to a recipe and read again", code)
    return None if isinstance(context.plain, (Composite, Recipe)) else _misspelt(context, code)


def _misspelt(context: Context, code: str) -> Verdict:
    options = sorted(option_types(context.plain))
    wrong = f"{options[0]}x" if options else "no_such_option"
    found = type(context.plain) if not hasattr(context.plain, "function") else context.plain
    try:
        reward_from(found, name_of(context.plain), {wrong: 1})
    except UnknownOptionError:
        return None
    except (ConfigError, TypeError) as error:
        return Counterexample(f"refuses the unknown option {wrong!r} without saying so: {error}", code)
    return Counterexample(f"takes the unknown option {wrong!r} without a word", code)
