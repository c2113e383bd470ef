"""The measurement before, between and after: greedy and sampled, on the same problems every time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from statistics import fmean
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from plaudit.engines import inline
from plaudit.protocol import Sample, Score
from plaudit.report.records import completion_row
from plaudit_trainer.backends import Generation, Sampling
from plaudit_trainer.measures import Outcome, measure
from plaudit_trainer.template import prompt_tokens

if TYPE_CHECKING:
    from plaudit.formats import Format
    from plaudit.recipe import Recipe
    from plaudit.report.records import Accuracy
    from plaudit_trainer.config import TrainConfig
    from plaudit_trainer.progress import Bar
    from plaudit_trainer.rows import Row

SEED = 12345
Writer = Callable[[list[dict[str, Any]]], None]


class Generator(Protocol):
    """Who can complete prompts: a backend, or a model that was loaded to be measured."""

    name: str
    tokenizer: Any

    def generate(self, prompts: Sequence[Sequence[int]], sampling: Sampling) -> list[list[Generation]]:
        """Complete tokenised prompts; `sampling.samples` completions each."""
        ...


class Scored(NamedTuple):
    """A completion with its score."""

    sample: Sample
    score: Score
    generation: Generation


class Evaluation:
    """Measures a model on fixed problems with a fixed seed.

    Args:
        recipe: The reward.
        config: The settings.
        rows: The problems.
        accuracy: What counts as right.
        seed: Of what is drawn; the same for every stage, so that stages are compared on the same draws.
    """

    def __init__(
        self, recipe: Recipe, config: TrainConfig, rows: Sequence[Row], accuracy: Accuracy, seed: int = SEED
    ) -> None:
        self.seed = seed
        self.recipe, self.config, self.rows, self.accuracy = recipe, config, list(rows), accuracy

    @property
    def total(self) -> int:
        """How many completions one measurement takes."""
        return len(self.rows) * sum(self._modes().values())

    def run(self, place: Mapping[str, Any], backend: Generator, write: Writer, bar: Bar) -> dict[str, Any]:
        """Generate, score, hand every scored completion to `write`, and return the summary.

        Args:
            place: What every row says of where it belongs: its stage, say.
            backend: Who generates.
            write: Takes rows as they come, a batch at a time.
            bar: Shows how far it is.
        """
        result: dict[str, Any] = {"problems": len(self.rows), "samples": self.config.evaluate.samples}
        intervals: dict[str, Any] = {}
        done = 0
        for mode, samples in self._modes().items():
            groups: list[list[Outcome]] = []
            for start in range(0, len(self.rows), self.config.evaluate.batch):
                piece = slice(start, start + self.config.evaluate.batch)
                scored = self.attempt(self.rows[piece], mode, samples, start, backend)
                where = {**place, "step": 0, "mode": mode}
                write([completion_row(where, one.sample, one.score, self.accuracy) for one in scored])
                groups += _grouped([self._outcome(one) for one in scored], samples)
                done += len(scored)
                bar.show(done, f"{mode}: accuracy {fmean(one.right for group in groups for one in group):.3f}")
            measured = measure(mode, groups)
            intervals |= measured.pop("intervals")
            result |= measured
        return result | {"intervals": intervals}

    def attempt(self, rows: Sequence[Row], mode: str, samples: int, start: int, generator: Generator) -> list[Scored]:
        """Generate and score completions of a few problems; those of one problem lie together.

        Args:
            rows: The problems.
            mode: `greedy` or `sampled`.
            samples: Completions of each problem.
            start: Where the first of them stands among all; with the seed it says what is drawn.
            generator: Who generates.
        """
        form = self.recipe.format
        if form is None:
            raise AssertionError("the preflight refuses recipes without a format")
        prompts = [prompt_tokens(generator.tokenizer, row, form) for row in rows]
        return self._score(rows, form, generator.generate(prompts, self._sampling(mode, samples, start)))

    def _modes(self) -> dict[str, int]:
        """The completions of a problem in each mode."""
        modes = {"greedy": int(self.config.evaluate.greedy), "sampled": self.config.evaluate.samples}
        return {mode: samples for mode, samples in modes.items() if samples}

    def _sampling(self, mode: str, samples: int, start: int) -> Sampling:
        grpo = self.config.grpo
        if mode == "greedy":
            return Sampling(max_tokens=grpo.max_completion_length, seed=self.seed)
        return Sampling(
            max_tokens=grpo.max_completion_length,
            seed=self.seed + 1 + start,
            samples=samples,
            temperature=self.config.evaluate.temperature,
        )

    def _score(self, rows: Sequence[Row], form: Format, made: Sequence[Sequence[Generation]]) -> list[Scored]:
        pairs = [
            (Sample(one.text, row.messages(form), row.reward_columns(), row.question), one)
            for row, several in zip(rows, made, strict=True)
            for one in several
        ]
        scores = inline.score(self.recipe, [sample for sample, _ in pairs])
        return [Scored(sample, score, one) for (sample, one), score in zip(pairs, scores, strict=True)]

    def _outcome(self, one: Scored) -> Outcome:
        form = self.recipe.format
        return Outcome(
            right=self.accuracy.correct(one.score),
            value=one.score.value,
            exact=bool(form and one.sample.parse(form).exact),
            truncated=one.generation.truncated,
            answer=one.score.extracted,
            parts={part.name: part.value for part in one.score.parts},
        )


def _grouped(outcomes: list[Outcome], size: int) -> list[list[Outcome]]:
    return [outcomes[start : start + size] for start in range(0, len(outcomes), size)]
