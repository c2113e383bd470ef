"""The pytest plugin: `pytest --plaudit NAME` adds one test per law and attack for each reward named."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from plaudit.testing.attacks import Attack
    from plaudit.testing.context import Context
    from plaudit.testing.law import Law


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add our options."""
    group = parser.getgroup("plaudit", "laws and attacks for rewards")
    group.addoption(
        "--plaudit", action="append", default=[], metavar="NAME", help="Check this reward: its name, or module:object."
    )
    group.addoption("--plaudit-profile", default="quick", metavar="PROFILE", help="quick (default) or thorough.")


class LawItem(pytest.Item):
    """One law or attack on one reward."""

    def __init__(self, *, law: Law | Attack, context: Context, **settings: Any) -> None:
        super().__init__(**settings)
        self.law, self.context = law, context

    def runtest(self) -> None:
        """Check the law."""
        from plaudit.testing.running import judge

        judge(self.law, self.context)

    def reportinfo(self) -> tuple[str, None, str]:
        """Say where it comes from."""
        return "plaudit", None, self.name


def pytest_collection_modifyitems(session: pytest.Session, config: pytest.Config, items: list[pytest.Item]) -> None:
    """Add the laws for the rewards that the command line names."""
    names = config.getoption("--plaudit")
    if not names:
        return
    from plaudit.errors import PlauditError
    from plaudit.targets import find_target
    from plaudit.testing.running import chosen, context_for

    for name in names:
        try:
            context = context_for(find_target(name), profile=str(config.getoption("--plaudit-profile")), name=name)
        except PlauditError as error:
            raise pytest.UsageError(str(error)) from error
        items.extend(
            LawItem.from_parent(session, name=f"{name}[{law.label}]", law=law, context=context) for law in chosen()
        )
