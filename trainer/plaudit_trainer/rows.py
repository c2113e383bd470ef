"""One problem of a data set, in the shape that every stage reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from plaudit.formats import Format


@dataclass(frozen=True)
class Row:
    """A problem with its gold answer, and whatever else its source holds for the rewards to read.

    Attributes:
        question: What the model is asked.
        answer: The gold answer.
        reasoning: Worked-out steps, where the source has them.
        demonstration: A ready completion to imitate; empty where the format renders one.
        columns: The other columns of the source.
    """

    question: str
    answer: str
    reasoning: str = ""
    demonstration: str = ""
    columns: Mapping[str, Any] = field(default_factory=dict)

    def reward_columns(self) -> dict[str, Any]:
        """What a reward may read.

        >>> Row("2 + 2?", "4", columns={"level": 1}).reward_columns()
        {'level': 1, 'question': '2 + 2?', 'answer': '4'}
        """
        return {**self.columns, "question": self.question, "answer": self.answer}

    def completion(self, form: Format) -> str:
        """The completion to imitate, without what the template prefills."""
        return self.demonstration or form.render(self.answer, self.reasoning)

    def messages(self, form: Format) -> list[dict[str, str]]:
        """The prompt as chat messages.

        >>> from plaudit import as_format
        >>> Row("2 + 2?", "4").messages(as_format("plain"))
        [{'role': 'user', 'content': '2 + 2?'}]
        """
        system = [{"role": "system", "content": form.system_prompt}] if form.system_prompt else []
        return [*system, {"role": "user", "content": self.question}]
