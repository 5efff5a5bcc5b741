"""Marks for parameters."""

from typing import Any

import pytest


def full(*values: Any) -> Any:  # noqa: ANN401  # pytest hides the type of its parameter sets
    """A set of parameters that only `make test-all` plays: one of many of its kind."""
    return pytest.param(*values, marks=pytest.mark.full)
