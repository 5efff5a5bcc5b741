"""The contract of every report in the registry. A new report is covered without a change here."""

import re
from pathlib import Path

import pytest
from hypothesis import given

from testgate.reports import REPORTS
from testgate.results import Gate, failed_tests
from testgate.text import clean
from tests.reports.samples import SAMPLES, hostile
from tests.reports.strategies import gates

# The HTML page's own style and script, and their hashes, are code and not part of what is approved.
_CODE = re.compile(r"(?s)(?<=<style>).*?(?=</style>)|(?<=<script>).*?(?=</script>)|sha256-[A-Za-z0-9+/=]+")

GOLDEN = Path(__file__).parent / "golden"

every_report = pytest.mark.parametrize("name", REPORTS)
every_sample = pytest.mark.parametrize("sample", SAMPLES)


def rendered(name: str, gate: Gate) -> str:
    """The report as one text."""
    return "".join(REPORTS[name].load().render(gate))


def golden_file(name: str, sample: str) -> Path:
    """The approved text of a report about a sample."""
    return GOLDEN / name / f"{sample}{Path(REPORTS[name].filename).suffix}"


@every_sample
@every_report
def test_a_report_matches_its_golden_file(name: str, sample: str, update_golden: bool) -> None:
    """`--update-golden` rewrites the file instead."""
    text = _CODE.sub("…", rendered(name, SAMPLES[sample]()))
    golden = golden_file(name, sample)
    if update_golden:
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(text, encoding="utf-8", newline="\n")
    assert text == golden.read_text(encoding="utf-8")


def test_every_golden_file_belongs_to_a_report() -> None:
    """A file of a report or sample that no longer exists is removed."""
    expected = {golden_file(name, sample) for name in REPORTS for sample in SAMPLES}
    assert {path for path in GOLDEN.rglob("*") if path.is_file()} == expected


def test_no_two_reports_share_a_filename() -> None:
    """One would overwrite the other."""
    names = [entry.filename for entry in REPORTS.values()]
    assert len({name.casefold() for name in names}) == len(names) > 0


@every_report
def test_a_declaration_is_usable(name: str) -> None:
    """The key is part of an output's name, the filename a plain name, the description one sentence."""
    entry = REPORTS[name]
    assert name.isidentifier()
    assert name == name.lower()
    assert entry.filename == Path(entry.filename).name
    assert entry.description.endswith(".")
    assert clean(entry.description) == entry.description


@every_sample
@every_report
def test_a_report_names_the_conclusion_and_every_failed_test(name: str, sample: str) -> None:
    """Nobody needs a second report to learn what went wrong."""
    gate = SAMPLES[sample]()
    text = rendered(name, gate)
    assert all(test.name in text for _, test in failed_tests(gate.runs))
    assert gate.exit_code == 0 or gate.verdict.conclusion.value in text or failed_tests(gate.runs)


@every_report
def test_a_report_is_deterministic_and_harmless(name: str) -> None:
    """The worst input gives the same text twice, in UTF-8, without control characters, and with a line end."""
    text = rendered(name, hostile())
    assert text == rendered(name, hostile())
    assert text.encode("utf-8").decode("utf-8") == text
    assert clean(text) == text
    assert text.endswith("\n")


@every_report
@given(gate=gates())
def test_any_gate_can_be_reported(name: str, gate: Gate) -> None:
    """No combination of texts, counts and times breaks a report."""
    text = rendered(name, gate)
    assert clean(text) == text != ""
