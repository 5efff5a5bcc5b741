"""Reports: one format, one file. A new one is that file and its line here."""

from collections.abc import Mapping
from typing import Final

from testgate.ports import Report, ReportEntry


def _junit() -> Report:
    """`junit.xml`, for every CI and tool that reads JUnit."""
    from testgate.reports.junit import JUnit  # needed at the end only: keeps the start short

    return JUnit()


def _summary() -> Report:
    """`summary.md`, for the build's page."""
    from testgate.reports.summary import Summary  # needed at the end only: keeps the start short

    return Summary()


REPORTS: Final[Mapping[str, ReportEntry]] = {
    "junit": ReportEntry("junit.xml", "The JUnit report. Empty if it could not be written.", _junit),
    "summary": ReportEntry("summary.md", "The summary in Markdown. Empty if it could not be written.", _summary),
}
