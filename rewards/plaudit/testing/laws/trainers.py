"""Laws 48 to 50: what a trainer gets is what the reward says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from plaudit.errors import PlauditError
from plaudit.protocol import Sample
from plaudit.recipe import Recipe
from plaudit.testing.context import Context, Raised, all_same, same
from plaudit.testing.law import NotApplicableError, Verdict, law
from plaudit.testing.laws.batches import RANDOM
from plaudit.testing.laws.fixed import few, fixed_batch
from plaudit.testing.laws.rows import TrainerState, lists_of, trainer_extras
from plaudit.testing.laws.sums import outcome_is_number, written
from plaudit.testing.results import Counterexample


@law(
    48,
    "adapter",
    "Called as a trainer calls it, with plain text or with messages, it pays what its scores say.",
    needs="trainer",
    waived_by=(RANDOM,),
    explain="""The core scores samples, a trainer calls with parallel lists. Tested through the call that TRL 1.16
    makes (prompts, completions, every column as a list, and TRL's own extras), in its standard and its
    conversational data format, element by element. The adapters for other trainers have tests of their own.""",
)
def adapter(context: Context) -> Verdict:
    """Law 48."""

    def broken(batch: list[Sample]) -> str | None:
        wanted = [None if isinstance(value, Raised) else value for value in context.values(batch, _now(context))]
        for conversational in (False, True):
            asked = [_conversation(sample) for sample in batch] if conversational else batch
            try:
                got = context.full(**lists_of(asked), **trainer_extras(len(batch)))
            except Exception as error:  # noqa: BLE001 - whatever it raises would end the trainer's run
                return f"raises {type(error).__name__} when a trainer calls it: {error}"
            if not all_same(got, wanted):
                kind = "messages" if conversational else "plain text"
                return f"scores {wanted}, and gives a trainer {got} for {kind}"
        return None

    surely = [few(context)]
    return context.falsify(context.batches(min_size=1, max_size=3), broken, context.shown, surely=surely)


def _now(context: Context) -> Any:
    return context.full.at(TrainerState.global_step)


def _conversation(sample: Sample) -> Sample:
    return replace(
        sample,
        completion=[{"role": "assistant", "content": sample.text}],
        prompt=[{"role": "user", "content": sample.prompt_text}],
    )


@law(
    49,
    "weight-once",
    "Split into functions and weights for a trainer, the weighted sum of the functions is the total.",
    needs="composite",
    waived_by=(RANDOM,),
    explain="""A weight lives in the composite or in the trainer's reward_weights. In both, it counts twice; in
    neither, not at all. Tested by adding up what split() gives, and comparing with the total.""",
)
def weight_once(context: Context) -> Verdict:
    """Law 49."""
    for reward in (context.full, 0.5 * context.full, 2.0 * context.full):
        functions, weights = reward.split()
        for sample in fixed_batch(context):
            values = [context.values([sample], function)[0] for function in functions]
            spoken = [weight * value for weight, value in zip(weights, values, strict=True) if outcome_is_number(value)]
            total = context.values([sample], reward)[0]
            if outcome_is_number(total) and not same(total, sum(spoken)):
                terms = written(list(zip(functions, weights, strict=True)))
                return Counterexample(
                    f"pays {total}, and {sum(spoken)} when split into {terms}", context.shown([sample])
                )
    return None


@law(
    50,
    "resume",
    "Saved with its run and loaded again, it pays the same.",
    needs="composite",
    waived_by=(RANDOM,),
    explain="""A run that resumes reads its recipe from a file. Every option and weight must come back, as YAML and
    as TOML. Tested by writing both, reading them, and scoring again.""",
)
def resume(context: Context) -> Verdict:
    """Law 50."""
    if getattr(context.plain, "foreign", False):
        raise NotApplicableError("a trainer's own function can't be written to a recipe")
    written_recipe = context.full if isinstance(context.full, Recipe) else Recipe("run", context.full)
    batch = fixed_batch(context)
    here = context.values(batch)
    code = f"from plaudit import Recipe\nreward = {context.target}\nRecipe('run', reward).save('recipe.yaml')"
    with TemporaryDirectory() as folder:
        for ending in ("yaml", "toml"):
            path = Path(folder) / f"recipe.{ending}"
            try:
                written_recipe.save(path)
                again = context.values(batch, Recipe.load(path))
            except (PlauditError, TypeError) as error:
                return Counterexample(f"can't be saved as {ending.upper()} and loaded again: {error}", code)
            if not all_same(here, again):
                return Counterexample(f"pays otherwise once saved as {ending.upper()} and loaded again", code)
    return None
