"""The tree of a recipe: plain data <-> a composed reward.

A node is a reward's name, or a mapping with one of these keys: `use` (with `options`), `sum`, `gate`, `clip`,
`schedule`, `first`, `minimum`, `maximum`, `recipe`. Any mapping may add `weight` and `name`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Literal

from plaudit import compose, registry
from plaudit.algebra import Algebra
from plaudit.composite import Adopted
from plaudit.errors import ConfigError, UnknownOptionError, nearest
from plaudit.formats import PRESETS, Format, as_format
from plaudit.options import check_options
from plaudit.protocol import Reward
from plaudit.weighted import WeightedSum

Node = str | Mapping[str, Any]

KINDS = ("use", "sum", "gate", "clip", "schedule", "first", "minimum", "maximum", "recipe")


@dataclass(frozen=True)
class Builder:
    """Builds rewards from nodes.

    Attributes:
        form: The recipe's format, given to every reward that takes one.
        resolve: Finds the reward of another recipe by name or path.
        trail: The containers passed on the way down, to find a tree that contains itself.
    """

    form: Format | None
    resolve: Callable[[str], Reward]
    trail: tuple[int, ...] = ()

    def build(self, node: Any, where: str) -> Any:
        """Build the reward of one node; errors say where in the recipe it stands."""
        if isinstance(node, str):
            return self._use(node, {}, where)
        if not isinstance(node, Mapping):
            raise ConfigError(f"{where}: a reward is a name or a mapping, not {node!r}.")
        if id(node) in self.trail:
            raise ConfigError(f"{where}: this part of the recipe contains itself; write it out.")
        kind = _kind(node, where)
        deeper = Builder(self.form, self.resolve, (*self.trail, id(node)))
        built = deeper._of_kind(kind, node, f"{where}.{kind}")
        return _weighed(built, node, where)

    def _of_kind(self, kind: str, node: Mapping[str, Any], where: str) -> Any:
        body = node[kind]
        if kind == "use":
            options = node.get("options") or {}
            _demand(
                isinstance(body, str) and isinstance(options, Mapping), where, "a name, with `options` as a mapping"
            )
            return self._use(body, options, where)
        if kind == "recipe":
            _demand(isinstance(body, str), where, "the name or path of another recipe")
            return self.resolve(body)
        if kind in ("gate", "clip", "schedule"):
            _demand(isinstance(body, Mapping), where, "a mapping")
            return self._wrapper(kind, body, where)
        return self.build_list(kind, body, where)

    def build_list(self, kind: str, body: Any, where: str) -> Any:
        """Build a sum or a choice from a list of nodes."""
        _demand(isinstance(body, list) and bool(body), where, "a list of rewards")
        if id(body) in self.trail:
            raise ConfigError(f"{where}: this part of the recipe contains itself; write it out.")
        deeper = Builder(self.form, self.resolve, (*self.trail, id(body)))
        rewards = [deeper.build(item, f"{where}[{index}]") for index, item in enumerate(body)]
        if kind == "sum" and len(rewards) == 1:
            return rewards[0]
        if kind == "sum":
            return WeightedSum.of([(reward, 1.0) for reward in rewards])
        return getattr(compose, kind)(*rewards)

    def _wrapper(self, kind: str, body: Mapping[str, Any], where: str) -> Any:
        function, hints = getattr(compose, kind), WRAPPER_OPTIONS[kind]
        if "reward" not in body:
            raise ConfigError(f"{where}: {kind} needs a `reward`.")
        with located(where):
            check_options(kind, hints, {name: value for name, value in body.items() if name not in ("reward", "on")})
            if kind == "schedule" and "over_steps" not in body:
                raise ConfigError("schedule needs `over_steps`, the training steps over which the weight moves.")
        options = {name: None if body[name] == "abstain" else body[name] for name in hints if name in body}
        if kind == "gate":
            _demand("on" in body, where, "a `reward` and the reward that it depends `on`")
            options["on"] = self.build(body["on"], f"{where}.on")
        inner = self.build(body["reward"], f"{where}.reward")
        with located(where):
            return function(inner, **options)

    def _use(self, name: str, options: Mapping[str, Any], where: str) -> Any:
        given = dict(options)
        with located(where):
            found = registry.find_object(name)
            if "format" in given and self._takes_format(found):
                given["format"] = _format_option(given["format"])
            elif self.form is not None and self._takes_format(found):
                given["format"] = self.form
            return registry.reward_from(found, name, given)

    @staticmethod
    def _takes_format(found: Any) -> bool:
        return "format" in registry.option_types(found)


def _format_option(value: Any) -> Any:
    """A format given as fields is built here; a name means what the reward makes of it."""
    return as_format(value) if isinstance(value, Mapping) else tuple(value) if isinstance(value, list) else value


@contextmanager
def located(where: str) -> Iterator[None]:
    """Say where in the recipe a wrong setting stands."""
    try:
        yield
    except ConfigError as error:
        raise type(error)(f"{where}: {error}") from error


WRAPPER_OPTIONS: dict[str, dict[str, Any]] = {
    "gate": {"at_least": float, "otherwise": float | Literal["abstain"]},
    "clip": {"low": float, "high": float},
    "schedule": {"over_steps": int, "start": float, "end": float, "step": int},
}


def to_node(reward: Reward, form: Format | None = None) -> Node:
    """Write a reward as a node; options that the recipe's format implies are left out.

    Raises:
        ConfigError: A part can't be found again by name.

    >>> to_node(2 * registry.load("answer-match", near=0.2))
    {'use': 'answer-match', 'options': {'near': 0.2}, 'weight': 2.0}
    """
    match reward:
        case WeightedSum(terms=terms, name=name):
            items = [_with(to_node(part, form), weight=weight) for part, weight in terms]
            if name:
                return {"sum": items, "name": name}
            return items[0] if len(items) == 1 else {"sum": items}
        case compose.Gate():
            otherwise = "abstain" if reward.otherwise is None else reward.otherwise
            body = {"reward": to_node(reward.reward, form), "on": to_node(reward.on, form)}
            return {"gate": body | {"at_least": reward.at_least, "otherwise": otherwise}}
        case compose.Clip():
            bounds = {"low": reward.low, "high": reward.high}
            finite = {name: value for name, value in bounds.items() if abs(value) != float("inf")}
            return {"clip": {"reward": to_node(reward.reward, form)} | finite}
        case compose.Schedule():
            options = {
                name: getattr(reward, name) for name in WRAPPER_OPTIONS["schedule"] if name != "step" or reward.step
            }
            return {"schedule": {"reward": to_node(reward.reward, form)} | options}
        case compose.Choice():
            return {reward.kind: [to_node(part, form) for part in reward.rewards]}
        case Adopted():
            return registry.name_of(reward.inner)
    inner = getattr(reward, "judge", None)
    if isinstance(inner, Algebra):  # a recipe inside another
        return {"sum": [to_node(inner, form)], "name": reward.spec.name}
    return _leaf(reward, form)


def _leaf(reward: Reward, form: Format | None) -> Node:
    name, options = registry.name_of(reward), registry.options_of(reward)
    types = registry.option_types(reward)
    if "format" in types and form is not None:
        options.pop("format", None)
        if reward.format != form:  # type: ignore[attr-defined]
            options["format"] = reward.format  # type: ignore[attr-defined]
    plain = {key: _plain(value) for key, value in options.items()}
    return {"use": name, "options": plain} if plain else name


def _plain(value: Any) -> Any:
    """Write an option's value as plain data."""
    if isinstance(value, Format):
        return format_node(value)
    if is_dataclass(value) and not isinstance(value, type):
        names, fresh = [item.name for item in fields(value)], type(value)()
        return {name: getattr(value, name) for name in names if getattr(value, name) != getattr(fresh, name)}
    return list(value) if isinstance(value, tuple) else value


def format_node(form: Format) -> str | dict[str, Any]:
    """Write a format: its name if it is a preset, else all its fields."""
    return form.name if PRESETS.get(form.name) == form else form.to_dict()


def _with(node: Node, *, weight: float) -> Node:
    if weight == 1.0:
        return node
    base = {"use": node} if isinstance(node, str) else dict(node)
    return base | {"weight": weight}


def _weighed(reward: Any, node: Mapping[str, Any], where: str) -> Any:
    weight, name = node.get("weight", 1.0), node.get("name")
    check_options(where, {"weight": float, "name": str | None}, {"weight": weight, "name": name})
    named = reward.named(name) if name else reward
    return named if weight == 1.0 else weight * named


def _kind(node: Mapping[str, Any], where: str) -> str:
    for key in node:
        if key not in (*KINDS, "options", "weight", "name"):
            raise UnknownOptionError(f"{where}: unknown key {key!r}. {nearest(str(key), KINDS)}")
    kinds = [kind for kind in KINDS if kind in node]
    if len(kinds) != 1:
        raise ConfigError(
            f"{where}: a reward has exactly one of {', '.join(KINDS)}; here: {', '.join(kinds) or 'none'}."
        )
    if "options" in node and kinds != ["use"]:
        raise ConfigError(f"{where}: only `use` takes options, not `{kinds[0]}`.")
    return kinds[0]


def _demand(holds: bool, where: str, wanted: str) -> None:
    if not holds:
        raise ConfigError(f"{where} must be {wanted}.")
