"""Hypothesis' entry point: `from_type(Sample)` and its like work in a user's tests without an import."""

from __future__ import annotations


def register_strategies() -> None:
    """Tell Hypothesis how to draw our types; called by Hypothesis itself when it is imported."""
    from hypothesis import strategies as st

    from plaudit.formats import Format
    from plaudit.protocol import Sample

    def samples(_: type[Sample]) -> st.SearchStrategy[Sample]:
        from plaudit.testing.strategies import any_samples

        return any_samples()

    def formats(_: type[Format]) -> st.SearchStrategy[Format]:
        from plaudit.testing import strategies

        return strategies.formats()

    st.register_type_strategy(Sample, samples)
    st.register_type_strategy(Format, formats)
