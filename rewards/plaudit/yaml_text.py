"""YAML as people mean it: `on` and `no` are texts, `5e-6` is a number, and no key comes twice.

PyYAML reads YAML 1.1, in which a gate's `on:` is the truth value True and a learning rate of 5e-6 is a text. Here
booleans and floats follow YAML 1.2, for reading and for writing.
"""

from __future__ import annotations

import re
from typing import Any

import yaml

_BOOLEAN = "tag:yaml.org,2002:bool"
_FLOAT = "tag:yaml.org,2002:float"
_TRUTH = re.compile(r"true|True|TRUE|false|False|FALSE")
_EXPONENT = re.compile(r"[-+]?[0-9]+[eE][-+]?[0-9]+|[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+)[eE][0-9]+")


class _Loader(yaml.SafeLoader):
    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key.value!r} comes twice", key.start_mark
                )
            if isinstance(key, yaml.ScalarNode):
                seen.add(key.value)
        return super().construct_mapping(node, deep)


class _Dumper(yaml.SafeDumper):
    pass


for _kind in (_Loader, _Dumper):
    _kind.yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in found if tag != _BOOLEAN]
        for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    _kind.add_implicit_resolver(_BOOLEAN, _TRUTH, list("tTfF"))
    _kind.add_implicit_resolver(_FLOAT, _EXPONENT, list("-+.0123456789"))


def from_yaml(text: str) -> Any:
    """Read YAML as plain data.

    Raises:
        yaml.YAMLError: It isn't YAML, or a mapping has a key twice.

    >>> from_yaml("{on: format-exact, rate: 5e-6, country: no, fast: true}")
    {'on': 'format-exact', 'rate': 5e-06, 'country': 'no', 'fast': True}
    """
    return yaml.load(text, Loader=_Loader)  # noqa: S506 - a safe loader: it makes nothing but plain data


def to_yaml(data: Any) -> str:
    r"""Write plain data as YAML that `from_yaml` reads back.

    >>> to_yaml({"on": "5e6", "rate": 5e6})
    "on: '5e6'\nrate: 5000000.0\n"
    """
    return str(yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True))
