"""Reports: one format, one file. A new one is that file and its line here."""

from collections.abc import Callable
from typing import Final

from testgate.ports import Report


def _junit() -> Report:
    """`junit.xml`, for every CI and tool that reads JUnit."""
    from testgate.reports.junit import JUnit  # needed at the end only: keeps the start short

    return JUnit()


def _summary() -> Report:
    """`summary.md`, for the build's page."""
    from testgate.reports.summary import Summary  # needed at the end only: keeps the start short

    return Summary()


REPORTS: Final[dict[str, Callable[[], Report]]] = {"junit": _junit, "summary": _summary}
