"""The table of all figures."""

from bench.__main__ import Figure, table


def test_a_figure_stands_beside_the_committed_one() -> None:
    """Median, spread, what is wanted, and the share of what was measured before."""
    found = {"start": [Figure("start", value, 1.05) for value in (1.2, 1.0, 1.5)], "new": [Figure("new", 4.0)]}
    _head, start, new = table(found, {"start": 1.0}).splitlines()
    assert start.split() == ["start", "1.20", "1.00", "1.50", "1.05", "1.00", "1.20"]
    assert new.split() == ["new", "4.00", "4.00", "4.00", "none"]
