"""The measurement before, between and after: greedy and sampled, on the same problems every time."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean
from typing import TYPE_CHECKING, Any

from plaudit.engines import inline
from plaudit.protocol import Sample
from plaudit.report.records import completion_row
from plaudit_trainer.backends import Sampling
from plaudit_trainer.runs import append_rows
from plaudit_trainer.template import prompt_tokens

if TYPE_CHECKING:
    from plaudit.protocol import Score
    from plaudit.recipe import Recipe
    from plaudit.report.records import Accuracy
    from plaudit_trainer.backends import Backend, Generation
    from plaudit_trainer.config import TrainConfig
    from plaudit_trainer.progress import Bar
    from plaudit_trainer.rows import Row
    from plaudit_trainer.runs import RunFolder

SEED = 12345


class Evaluation:
    """Measures a model on fixed problems with a fixed seed.

    Args:
        recipe: The reward.
        config: The settings.
        rows: The problems.
        accuracy: What counts as right.
    """

    def __init__(self, recipe: Recipe, config: TrainConfig, rows: Sequence[Row], accuracy: Accuracy) -> None:
        self.recipe, self.config, self.rows, self.accuracy = recipe, config, list(rows), accuracy

    @property
    def total(self) -> int:
        """How many completions one measurement takes."""
        return len(self.rows) * (1 + self.config.evaluate.samples)

    def run(self, stage: str, backend: Backend, folder: RunFolder, bar: Bar) -> dict[str, Any]:
        """Generate, score, write `completions.jsonl`, and return the summary of one stage."""
        form = self.recipe.format
        if form is None:
            raise AssertionError("the preflight refuses recipes without a format")
        prompts = [prompt_tokens(backend.tokenizer, row, form) for row in self.rows]
        result: dict[str, Any] = {"problems": len(self.rows), "samples": self.config.evaluate.samples}
        done = 0
        for mode, samples in (("greedy", 1), ("sampled", self.config.evaluate.samples)):
            scored: list[tuple[Sample, Score, Generation]] = []
            for start in range(0, len(prompts), self.config.evaluate.batch):
                piece = slice(start, start + self.config.evaluate.batch)
                made = backend.generate(prompts[piece], self._sampling(mode, samples, start))
                some = self._score(self.rows[piece], made)
                place = {"stage": stage, "step": 0, "mode": mode}
                if backend.is_main:
                    append_rows(
                        folder.completions,
                        [completion_row(place, sample, score, self.accuracy) for sample, score, _ in some],
                    )
                scored += some
                done += len(some)
                bar.show(done, f"{mode}: accuracy {self._rate(scored):.3f}")
            result |= self._summary(mode, scored)
        return result

    def _sampling(self, mode: str, samples: int, start: int) -> Sampling:
        grpo = self.config.grpo
        if mode == "greedy":
            return Sampling(max_tokens=grpo.max_completion_length, seed=SEED)
        return Sampling(
            max_tokens=grpo.max_completion_length,
            seed=SEED + 1 + start,
            samples=samples,
            temperature=self.config.evaluate.temperature,
        )

    def _score(
        self, rows: Sequence[Row], made: Sequence[Sequence[Generation]]
    ) -> list[tuple[Sample, Score, Generation]]:
        form = self.recipe.format
        pairs = [
            (Sample(one.text, row.messages(form) if form else row.question, row.reward_columns(), row.question), one)
            for row, several in zip(rows, made, strict=True)
            for one in several
        ]
        scores = inline.score(self.recipe, [sample for sample, _ in pairs])
        return [(sample, score, one) for (sample, one), score in zip(pairs, scores, strict=True)]

    def _rate(self, scored: Sequence[tuple[Sample, Score, Generation]]) -> float:
        return fmean(self.accuracy.correct(score) for _, score, _ in scored)

    def _summary(self, mode: str, scored: Sequence[tuple[Sample, Score, Generation]]) -> dict[str, Any]:
        form = self.recipe.format
        values = [score.value for _, score, _ in scored if score.value is not None]
        facts: dict[str, Any] = {
            f"{mode}_reward": fmean(values) if values else None,
            f"{mode}_accuracy": self._rate(scored),
            f"{mode}_format": fmean(sample.parse(form).exact for sample, _, _ in scored) if form else None,
            f"{mode}_truncated": fmean(one.truncated for _, _, one in scored),
            f"{mode}_abstained": len(scored) - len(values),
        }
        if mode == "sampled":
            facts["parts"] = _part_means([score for _, score, _ in scored])
        return facts


def _part_means(scores: Sequence[Score]) -> dict[str, float]:
    columns: dict[str, list[float]] = {}
    for score in scores:
        for part in score.parts:
            if part.value is not None:
                columns.setdefault(part.name, []).append(part.value)
    return {name: fmean(values) for name, values in columns.items()}
