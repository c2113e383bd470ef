"""Unsloth's compiler unrolls a loss over every completion of a step: a recipe with many must not stall in its first."""

from __future__ import annotations

import json
import os
import sys
import types
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

import plaudit
from plaudit.errors import ConfigError
from plaudit_trainer.backends import unsloth, unsloth_import
from plaudit_trainer.runs import RunFolder
from plaudit_trainer.settings import resolve
from plaudit_trainer.trainer_settings import batches

pytestmark = pytest.mark.trainer


@pytest.fixture(autouse=True)
def _stand_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Unsloth itself is not here; what is tested is what it finds in the environment when it is imported."""
    (tmp_path / "unsloth.py").write_text("import os\nFOUND = dict(os.environ)\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(os, "environ", {"PATH": os.environ["PATH"]})
    real = sys.modules.pop("unsloth", None)
    yield
    sys.modules.pop("unsloth", None)
    if real is not None:
        sys.modules["unsloth"] = real


@pytest.mark.parametrize(
    ("completions", "kernel", "user", "off"),
    [
        (64, True, None, False),
        (128, True, None, True),
        (512, True, None, True),
        (8, False, None, False),
        (16, False, None, True),
        (64, False, "1", False),  # not padded, as the user wants it
        (64, True, "0", True),  # padded, as the user wants it
    ],
)
def test_compiler_is_off_for_more_completions_than_it_copes_with_and_sooner_for_padded_rows(
    monkeypatch: pytest.MonkeyPatch, completions: int, kernel: bool, user: str | None, off: bool
) -> None:
    if user:
        monkeypatch.setenv("UNSLOTH_GRPO_SEQ_PACKING", user)
    monkeypatch.setattr(unsloth_import, "has_packed_attention", lambda: kernel)
    unsloth_import.import_first(completions)
    assert unsloth_import.compiles() is not off


@pytest.mark.parametrize(("user", "warned"), [(None, True), ("0", False), ("1", False)])
def test_unsloth_imported_by_somebody_else_is_told_nothing_more_and_a_long_first_step_is_announced(
    monkeypatch: pytest.MonkeyPatch, user: str | None, warned: bool
) -> None:
    if user:
        monkeypatch.setenv("UNSLOTH_COMPILE_DISABLE", user)
    import unsloth as theirs

    before = dict(os.environ)
    with pytest.warns(RuntimeWarning, match="512 completions") if warned else nullcontext():
        assert unsloth_import.import_first(512) is theirs
    assert os.environ == before
    assert unsloth_import.compiles() is (user != "1"), "what is said of the first step goes by this"


def test_second_import_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    first = unsloth_import.import_first(4)
    before = dict(os.environ)
    assert unsloth_import.import_first(4) is first
    assert os.environ == before == first.FOUND


def test_completions_of_a_step_are_counted_for_one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORLD_SIZE", "4")
    _, config = resolve(plaudit.recipe("demo"), ["grpo.prompts_per_step=16", "grpo.generations=8"])
    assert unsloth.rows_of(config) == 32


def test_what_the_user_has_set_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNSLOTH_COMPILE_DISABLE", "0")
    unsloth_import.import_first(512)
    assert os.environ["UNSLOTH_COMPILE_DISABLE"] == "0"


def broken() -> None:
    raise OSError("undefined symbol: it was built for another CUDA")


PADDED = {"UNSLOTH_DISABLE_AUTO_PADDING_FREE": "1", "UNSLOTH_GRPO_SEQ_PACKING": "0"}


@pytest.mark.parametrize(("xformers", "told"), [(None, PADDED), (broken, PADDED), (lambda: None, {})])
def test_rows_are_padded_where_nothing_that_loads_takes_packed_ones(
    monkeypatch: pytest.MonkeyPatch, xformers: Any, told: dict[str, str]
) -> None:
    installed = types.ModuleType("xformers._cpp_lib")
    installed._register_extensions = xformers  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "xformers", types.ModuleType("xformers"))
    monkeypatch.setitem(sys.modules, "xformers._cpp_lib", installed)
    there = {"xformers"} if xformers else set()
    monkeypatch.setattr(unsloth_import, "find_spec", lambda name: name if name in there else None)
    monkeypatch.setitem(sys.modules, "torch.nn.attention.varlen", types.ModuleType("torch.nn.attention.varlen"))
    unsloth_import.import_first()
    assert {name: os.environ[name] for name in unsloth_import.PADDED if name in os.environ} == told


def test_attention_of_torch_itself_takes_packed_rows_where_it_takes_windows_and_groups(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def newer(query: Any, window_size: Any = None, enable_gqa: bool = False) -> Any: ...
    def older(query: Any, window_size: Any = None) -> Any: ...

    monkeypatch.setattr(unsloth_import, "find_spec", lambda name: None)
    for function, expected in ((newer, True), (older, False)):
        module = types.ModuleType("torch.nn.attention.varlen")
        module.varlen_attn = function  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "torch.nn.attention.varlen", module)
        assert unsloth_import.has_packed_attention() is expected


@pytest.mark.parametrize("completions", [32, 128, 512, 4096])
def test_forward_pass_has_no_more_rows_than_the_compiled_loss_is_unrolled_over(completions: int) -> None:
    rows, accumulated = batches("grpo", completions, None, 1, unsloth_import.ROWS_COMPILED)
    assert rows <= unsloth_import.ROWS_COMPILED
    assert rows * accumulated == completions


def test_engine_setting_that_unsloth_would_ignore_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def load_vllm(model_name: str, enforce_eager: bool = False) -> Any: ...

    module = types.ModuleType("unsloth_zoo.vllm_utils")
    module.load_vllm = load_vllm  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "unsloth_zoo", types.ModuleType("unsloth_zoo"))
    monkeypatch.setitem(sys.modules, "unsloth_zoo.vllm_utils", module)
    assert unsloth._engine_settings({"enforce_eager": True}) == {"enforce_eager": True}
    with pytest.raises(ConfigError, match="'enforce_eager'"):
        unsloth._engine_settings({"enforce_eagerr": True})


@pytest.mark.parametrize(
    ("rows", "width", "device", "steps", "refused"),
    [
        (256, 256, "cuda", 2, True),
        (256, 256, "cpu", 2, False),
        (256, 256, "cuda", 0, False),  # no GRPO, nothing wrong
        (512, 256, "cuda", 2, False),
    ],
)
def test_model_as_wide_as_its_vocabulary_is_refused_since_unsloth_takes_its_hidden_states_for_logits(
    tmp_path: Path, rows: int, width: int, device: str, steps: int, refused: bool
) -> None:
    facts = {"model_type": "qwen3", "vocab_size": rows, "hidden_size": width}
    (tmp_path / "config.json").write_text(json.dumps(facts), "utf-8")
    _, config = resolve(plaudit.recipe("demo"), ["backend=unsloth", "use_vllm=false", f"grpo.steps={steps}"])
    backend = unsloth.UnslothBackend(config)
    backend.device = device
    why = "256 rows and its hidden states are 256 wide" if refused else "FastLanguageModel"  # which isn't here
    with pytest.raises(ConfigError if refused else ImportError, match=why):
        backend.load(str(tmp_path), RunFolder(tmp_path), None)


def test_model_without_a_config_is_left_to_unsloth(tmp_path: Path) -> None:
    unsloth.refuse_square_head(str(tmp_path))


@pytest.mark.parametrize("recipe", ["smollm2-gsm8k", "smollm2-arithmetic"])
def test_recipes_for_a_card_have_no_compiled_first_step_to_wait_for(
    monkeypatch: pytest.MonkeyPatch, recipe: str
) -> None:
    monkeypatch.setattr(unsloth_import, "has_packed_attention", lambda: True)
    _, config = resolve(plaudit.recipe(recipe), [])
    unsloth_import.import_first(unsloth.rows_of(config))
    assert unsloth.rows_of(config) >= 512
    assert not unsloth_import.compiles()


@pytest.mark.parametrize(("wanted", "told"), [("false", False), ("true", None), ("auto", None)])
def test_activations_that_a_recipe_wants_kept_are_not_computed_twice(wanted: str, told: bool | None) -> None:
    _, config = resolve(plaudit.recipe("smollm2-gsm8k"), [f"model.gradient_checkpointing={wanted}", "backend=unsloth"])
    assert unsloth.UnslothBackend(config).grpo_settings().get("gradient_checkpointing") is told
