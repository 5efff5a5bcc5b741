"""The summary's folded list of what else changed since the baseline: fixed, added and gone tests."""

from collections.abc import Sequence

from testgate.reports.markdown import inline
from testgate.reports.naming import number
from testgate.reports.since import changes
from testgate.reports.summary.budget import Section
from testgate.results import JudgedRun

_MOST = 50  # names of each kind


def changed(runs: Sequence[JudgedRun]) -> Section:
    """One fold for each kind of change that isn't a failure."""
    found = list(changes(runs))
    return Section("", (_fold(title, names) for title, names in found), len(found), lambda _missing: "", tail="")


def _fold(title: str, names: Sequence[str]) -> str:
    """The names under a title."""
    lines = "".join(f"- {inline(name)}\n" for name in names[:_MOST])
    more = f"- …and {number(len(names) - _MOST)} more\n" if len(names) > _MOST else ""
    return f"<details><summary>{title}</summary>\n\n{lines}{more}\n</details>\n\n"
