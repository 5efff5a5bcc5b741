"""What every report keeps to, and the golden files."""

from pathlib import Path

import pytest

from testgate.reports import REPORTS
from tests.reports.samples import SAMPLES, hostile

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize("sample", SAMPLES)
@pytest.mark.parametrize("name", REPORTS)
def test_a_report_looks_as_it_was_approved(name: str, sample: str, update_golden: bool) -> None:
    """The text is that of the golden file; --update-golden writes it anew."""
    report = REPORTS[name].load()
    text = "".join(report.render(SAMPLES[sample]()))
    golden = GOLDEN / f"{sample}{Path(REPORTS[name].filename).suffix}"
    if update_golden:
        golden.write_text(text, encoding="utf-8", newline="\n")
    assert text == golden.read_text(encoding="utf-8")


def test_reports_have_names_of_their_own() -> None:
    """No report overwrites another's file."""
    names = [entry.filename for entry in REPORTS.values()]
    assert sorted(names) == ["junit.xml", "summary.md"]


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_is_the_same_each_time_and_encodes(name: str) -> None:
    """Rendering twice gives the same text, and it is UTF-8 whatever came in."""
    report = REPORTS[name].load()
    once = "".join(report.render(hostile()))
    assert once == "".join(report.render(hostile()))
    assert once.encode("utf-8").decode("utf-8") == once
    assert once.endswith("\n")
