"""Removing secrets from a gate before it is escaped."""

from testgate.errors import Refused
from testgate.gate.safety import without_secrets
from testgate.model import Attempt, Conclusion, Counts, Run, Target
from testgate.redact import Redactor
from testgate.results import Gate, JudgedRun, RunReport, Verdict
from tests.reports.samples import TESTS, gate, judged

SECRET = "s3cret-key"


def test_a_gate_without_secrets_stays_the_same() -> None:
    """Counts, codes and tests are kept, and a fault keeps its message and remedy."""
    fault = Refused("GET /x answered 400", status=400, remedy="Check.")
    whole = gate(Conclusion.FAILED, "x", judged(Conclusion.FAILED, "x", TESTS, fault=fault))
    same = without_secrets(whole, str)
    assert same._replace(runs=()) == whole._replace(runs=(), notes=[])
    (run,) = same.runs
    assert isinstance(run, JudgedRun)
    assert (str(run.report.fault), getattr(run.report.fault, "remedy", "")) == (str(fault), "Check.")
    assert run.report.tests == TESTS
    assert run.verdict.counts == whole.runs[0].verdict.counts != Counts()


def secret(place: str) -> str:
    """Text with a secret that the removal of an escape sequence would put together."""
    return f"{place} s3cret\x1b[0m-key"


def test_no_text_of_a_gate_keeps_a_secret() -> None:
    """Every text for people is cleaned, in the gate and in its runs."""
    target = Target("274", secret("target"))
    run = Run(secret("id"), target, secret("url"))
    report = RunReport(
        target,
        run,
        fault=Refused(secret("fault"), status=400, remedy=secret("remedy")),
        attempts=[Attempt(run)],
        left_running=[run],
        notes=[secret("note")],
    )
    whole = Gate(
        title=secret("title"),
        verdict=Verdict(Conclusion.FAILED, secret("reason")),
        exit_code=1,
        runs=[JudgedRun(report, Verdict(Conclusion.FAILED, secret("run")))],
        remedy=secret("what to do"),
        notes=[secret("note")],
        left_running=[secret("left")],
        test_run=secret("test run"),
        build_title=secret("build"),
        build_url=secret("build url"),
    )
    safe = without_secrets(whole, Redactor([SECRET]))
    assert SECRET not in repr(safe).replace("\\x1b[0m", "")
    assert safe.title == "title ***"
    fault = safe.runs[0].report.fault
    assert (str(fault), getattr(fault, "remedy", "")) == ("fault ***", "remedy ***")


def test_runs_to_stop_are_unchanged() -> None:
    """The cleanup needs the real ids."""
    whole = Gate("TestGate", Verdict(Conclusion.CANCELLED, "x"), 130, to_stop=[SECRET])
    assert without_secrets(whole, Redactor([SECRET])).to_stop == [SECRET]
