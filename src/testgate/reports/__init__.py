"""The reports that a step writes. Each has a module or package here and is declared once, in `REPORTS` or `NOTICES`."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from testgate.ports import Report, ReportEntry


def _junit() -> Report:
    from testgate.reports.junit import JUnit

    return JUnit()


def _summary() -> Report:
    from testgate.reports.summary import Summary

    return Summary()


def _ctrf() -> Report:
    from testgate.reports.ctrf import Ctrf

    return Ctrf()


def _html() -> Report:
    from testgate.reports.html import Html

    return Html()


def _slack() -> Report:
    from testgate.reports.notices.slack import Slack

    return Slack()


def _teams() -> Report:
    from testgate.reports.notices.teams import Teams

    return Teams()


REPORTS: Final[Mapping[str, ReportEntry]] = MappingProxyType(
    {
        "junit": ReportEntry("junit.xml", "The JUnit report; empty if it could not be written.", _junit),
        "summary": ReportEntry("summary.md", "The summary in Markdown; empty if it could not be written.", _summary),
        "html": ReportEntry(
            "report.html", "The report for people, one HTML page; empty if it could not be written.", _html
        ),
        "ctrf": ReportEntry(
            "ctrf.json", "The results in the Common Test Report Format; empty if they could not be written.", _ctrf
        ),
    }
)

_NOTIFY = "The message for a chat; empty without `notify-file`, or if it could not be written."
NOTICES: Final[Mapping[str, ReportEntry]] = MappingProxyType(
    {
        "slack": ReportEntry("notify.json", _NOTIFY, _slack),
        "teams": ReportEntry("notify.json", _NOTIFY, _teams),
    }
)
