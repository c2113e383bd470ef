"""Recipes in YAML mean what people mean."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plaudit import ConfigError, Recipe
from plaudit.yaml_text import from_yaml, to_yaml

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(st.characters(exclude_categories=["C"])),
)
DATA = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["C"])), inner)
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("on", "on"), ("off", "off"), ("yes", "yes"), ("no", "no"), ("NO", "NO"), ("true", True), ("False", False),
        ("5e-6", 5e-6), ("1e3", 1000.0), ("1.5E2", 150.0), (".5e1", 5.0), ("3", 3), ("3.0", 3.0), (".inf", math.inf),
        ("1e", "1e"), ("e5", "e5"), ("'5e-6'", "5e-6"),
    ],
)  # fmt: skip
def test_scalars(text, value):
    read = from_yaml(text)
    assert (read, type(read)) == (value, type(value))


@given(DATA)
def test_what_is_written_is_read_back(data):
    assert from_yaml(to_yaml(data)) == data


@pytest.mark.parametrize("text", ["on", "no", "5e-6", "1e5", "true", "5e6"])
def test_texts_that_look_like_something_else_stay_texts(text):
    assert from_yaml(to_yaml({"key": text})) == {"key": text}


def test_a_gate_needs_no_quotes_around_its_condition(tmp_path):
    path = tmp_path / "gated.yaml"
    path.write_text("rewards:\n  - gate:\n      reward: answer-match\n      on: format-exact\n")
    assert Recipe.load(path).judge.on.spec.name == "format-exact"


def test_a_key_that_comes_twice_is_refused_with_its_place(tmp_path):
    path = tmp_path / "twice.yaml"
    path.write_text("name: a\nrewards: [format-exact]\nrewards: [answer-match]\n")
    with pytest.raises(ConfigError, match=r"'rewards' comes twice(?s:.*)line 3"):
        Recipe.load(path)


@pytest.mark.parametrize("key", ["5", "true", "null", "[1]"])
def test_a_key_that_is_no_text_is_refused_by_name(tmp_path, key):
    path = tmp_path / "odd.yaml"
    path.write_text(f"rewards: [{{use: answer-match, options: {{? {key} : 1}}}}]")
    with pytest.raises(ConfigError):
        Recipe.load(path)
