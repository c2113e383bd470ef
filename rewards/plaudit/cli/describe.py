"""All that is known of a reward or recipe, as plain data: what `plaudit show` shows."""

from __future__ import annotations

from dataclasses import asdict, is_dataclass
from typing import Any

from plaudit import registry
from plaudit.composite import Composite, as_reward
from plaudit.docstrings import documented, examples, meanings, summary
from plaudit.errors import UnknownNameError
from plaudit.formats import Format, as_format
from plaudit.functions import FunctionReward
from plaudit.options import describe
from plaudit.plugins import available, hint
from plaudit.protocol import Reward, Sample
from plaudit.recipe import Recipe, recipe, shipped
from plaudit.tree import Branch, tree_of

RECIPE_ENDINGS = (".yaml", ".yml", ".toml")


def described(name: str) -> dict[str, Any]:
    """Describe a reward or a recipe by name.

    Raises:
        UnknownNameError: Neither a reward nor a recipe; the nearest of both is named.
        PlauditError: It can't be loaded.

    >>> described("answer-match")["reads"]
    ['answer']
    >>> [part["name"] for part in described("unsloth")["tree"]["parts"]][:2]
    ['format-exact', 'format-approx']
    """
    recipes, rewards = shipped(), available()
    if name.endswith(RECIPE_ENDINGS) or (name in recipes and name not in rewards):
        return _recipe(recipe(name))
    if ":" not in name and name not in rewards and not any(known.endswith(f"/{name}") for known in rewards):
        raise UnknownNameError(f"No reward or recipe is called {name!r}. {hint(name, [*rewards, *recipes])}")
    found = registry.find_object(name)
    reward = registry.reward_from(found, name, {})
    return _recipe(reward) if isinstance(reward, Recipe) else _reward(name, found, reward)


def _recipe(found: Recipe) -> dict[str, Any]:
    form = found.format
    return {
        "kind": "recipe",
        "name": found.name,
        "description": found.description,
        "format": None if form is None else {"name": form.name, "tags": list(form.tags)},
        **_facts(found),
        "tree": _tree(tree_of(found)),
        "train": dict(found.train),
    }


def _tree(branch: Branch) -> dict[str, Any]:
    options = {name: _default(value) for name, value in branch.options.items()}
    return {
        "name": branch.name,
        "role": branch.role,
        "weight": branch.weight,
        "low": branch.spec.low,
        "high": branch.spec.high,
        "options": options,
        "parts": [_tree(part) for part in branch.branches],
    }


def _reward(name: str, found: Any, reward: Reward) -> dict[str, Any]:
    text = documented(found)
    entry = available().get(name)
    return {
        "kind": "reward",
        "name": name,
        "origin": f"{entry.distribution} {entry.version}, {entry.target}" if entry else name,
        "summary": summary(text),
        **_facts(reward),
        "options": _options(found, text),
        "parts": _tree(tree_of(reward))["parts"] if isinstance(reward, Composite) else [],
        "example": examples(text) or _scored(reward),
    }


def _facts(reward: Reward) -> dict[str, Any]:
    facts = asdict(reward.spec)
    facts.pop("name")
    return facts | {"reads": list(facts["reads"]), "effects": list(facts["effects"])}


def _options(found: Any, text: str) -> list[dict[str, Any]]:
    """List the options; those of a finished reward can't be changed, so it has none."""
    if not (isinstance(found, (type, FunctionReward))):
        return []
    told, defaults = meanings(text), registry.option_defaults(found)
    return [
        {"name": name, "type": describe(hint), "default": _default(defaults[name]), "meaning": told.get(name, "")}
        for name, hint in registry.option_types(found).items()
    ]


def _default(value: Any) -> str:
    """Write an option's value; of an object with settings of its own, only what differs from its defaults."""
    if isinstance(value, Format):
        return value.name
    if not is_dataclass(value) or isinstance(value, type):
        return str(value)
    changed = (f"{name}={setting!r}" for name, setting in registry.options_of(value).items())
    return f"{type(value).__name__}({', '.join(changed)})"


def _scored(reward: Reward) -> str:
    """Score a sample, for a reward whose docstring has no example."""
    form = getattr(reward, "format", None)
    text = "4" if form is None else as_format(form).render("4", reasoning="2 + 2 = 4")
    sample = Sample(text, "2 + 2 = ?", dict.fromkeys(reward.spec.reads, "4"))
    (score,) = as_reward(reward).score([sample])
    first_line = score.reason.partition("\n")[0]
    columns = "".join(f", {name}='4'" for name in reward.spec.reads)
    return f"{text!r}{columns}\n-> {score.value}" + (f": {first_line}" if first_line else "")
