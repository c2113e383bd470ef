"""Attacks: what no reward may pay for."""

from plaudit.testing.attacks.answers import ANSWERS
from plaudit.testing.attacks.attack import Attack
from plaudit.testing.attacks.moves import Move
from plaudit.testing.attacks.shape import SHAPES
from plaudit.testing.attacks.special import SPECIAL
from plaudit.testing.attacks.style import STYLES

ATTACKS: dict[str, Attack] = {
    attack.slug: attack for attack in sorted((*SHAPES, *ANSWERS, *STYLES, *SPECIAL), key=lambda attack: attack.number)
}
"""Every attack by slug, in order."""

__all__ = ["ATTACKS", "Attack", "Move"]
