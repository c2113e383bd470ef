"""What a plugin of the entry-point group `plaudit` may hook into; each hook is optional."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from click import Group

    from plaudit.protocol import Reward, Sample, Score

hookspec = pluggy.HookspecMarker("plaudit")
hookimpl = pluggy.HookimplMarker("plaudit")


@hookspec
def plaudit_before_score(reward: Reward, batch: Sequence[Sample]) -> None:
    """Called before a batch is scored."""


@hookspec
def plaudit_after_score(reward: Reward, batch: Sequence[Sample], scores: Sequence[Score]) -> None:
    """Called with the scores of a batch."""


@hookspec
def plaudit_failed(reward: Reward, sample: Sample, score: Score) -> None:
    """Called for each row on which a reward raised; `score.reason` holds the traceback."""


@hookspec
def plaudit_commands(group: Group) -> None:
    """Add commands to the `plaudit` program."""
