"""`command: check`: ask harmless questions, and tell in one line each what is right and what to change."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from testgate.engine import Engine
from testgate.errors import GateError, Refused
from testgate.model import Conclusion, Verdict
from testgate.ports import Provider
from testgate.text import duration, plural

MOST_SKEW_SECONDS = 300.0  # beyond it signed tokens and certificates begin to fail


class Finding(NamedTuple):
    """One question and its answer; `fault` None where all is well, or where nobody could tell."""

    name: str
    answer: str
    fault: GateError | None = None
    unknown: bool = False

    @property
    def line(self) -> str:
        """One line for people."""
        if self.unknown:
            return f"unknown {self.name}: {self.answer}"
        if self.fault is None:
            return f"ok      {self.name}: {self.answer}"
        remedy = f" -> {self.fault.remedy}" if self.fault.remedy else ""
        return f"WRONG   {self.name}: {self.fault}{remedy}"


async def check(provider: Provider, engine: Engine, say: Callable[[str], None]) -> tuple[Verdict, str]:
    """Ask everything, one after the other; nothing is started. Returns the verdict and the first remedy."""
    findings: list[Finding] = []
    for name, call in provider.checks():
        try:
            answer = await engine.until_halted(engine.ask(call))
        except GateError as fault:
            certain = call.essential or (isinstance(fault, Refused) and bool(fault.remedy))
            findings.append(
                Finding(name, "", fault) if certain else Finding(name, f"could not be asked ({fault})", unknown=True)
            )
        else:
            findings.append(Finding(name, answer))
        say(findings[-1].line)
    findings.append(_clock(engine.skew_seconds))
    say(findings[-1].line)
    remedies = [finding.fault.remedy for finding in findings if finding.fault is not None]
    return _verdict(findings), next(filter(None, remedies), "")


def _clock(skew: float | None) -> Finding:
    """This machine's clock against the platform's."""
    if skew is None:
        return Finding("clock", "not compared: the platform sent no date")
    if abs(skew) <= MOST_SKEW_SECONDS:
        return Finding("clock", f"differs from the platform's by {duration(abs(skew))}")
    way = "ahead of" if skew > 0 else "behind"
    fault = GateError(
        f"this machine is {duration(abs(skew))} {way} the platform", remedy="Set the clock: certificates depend on it."
    )
    return Finding("clock", "", fault)


def _verdict(findings: Sequence[Finding]) -> Verdict:
    """Green where nothing is wrong."""
    wrong = [finding for finding in findings if finding.fault is not None]
    if not wrong:
        return Verdict(Conclusion.CHECKED, f"{plural(len(findings), 'check')} passed; nothing was started")
    names = ", ".join(finding.name for finding in wrong)
    return Verdict(Conclusion.PLATFORM_ERROR, f"{len(wrong)} of {plural(len(findings), 'check')} failed: {names}")
