"""`command: check`: ask harmless questions, and report on one line each what is right or what to change."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

from testgate.commands.command import Command, CommandContext, Needs
from testgate.errors import GateError, Outage, Refused, Unanswered
from testgate.gate.assembly import CommandResult
from testgate.inputs.options import CommonOptions
from testgate.model import Conclusion
from testgate.ports import Provider
from testgate.results import Verdict
from testgate.runs.engine import Engine
from testgate.text import duration, plural
from testgate.wire import Call, Request

PATIENCE_SECONDS = 3.0  # somebody is waiting
NOT_REACHED = "the platform was not reached"

MOST_SKEW_SECONDS = 300.0  # beyond this, signed tokens and certificates begin to fail


class Finding(NamedTuple):
    """One question and its answer; `fault` is None if all is well, or if the answer is `unknown`."""

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


async def _check(context: CommandContext) -> CommandResult:
    """Ask every question, one after the other; nothing is started."""
    engine, say, redact = context.engine, context.step.console.line, context.step.redact
    environ = {name: redact(value) for name, value in context.step.world.environ.items()}
    findings: list[Finding] = []
    checks = context.provider.checks()
    for number, (name, call) in enumerate(checks):
        finding = await _asked(name, call, engine)
        new = [finding]
        if number == 0:
            new = [*way(call.request.url, finding.fault, environ), *([] if _on_the_way(finding.fault) else [finding])]
        for each in new:
            findings.append(each)
            say(each.line)
        if _on_the_way(finding.fault):
            break  # the platform was not reached: the other questions would fail in the same way
        if isinstance(finding.fault, Refused) and finding.fault.credentials:
            # Whoever has no valid key is told nothing about anything else.
            rest = [Finding(other, "the key was refused", unknown=True) for other, _call in checks[number + 1 :]]
            findings += rest
            for each in rest:
                say(each.line)
            break
    else:
        findings.append(_clock(engine.skew_seconds))
        say(findings[-1].line)
    for each in _builds(context):
        findings.append(each)
        say(each.line)
    remedies = [finding.fault.remedy for finding in findings if finding.fault is not None]
    return CommandResult(
        verdict=_verdict(findings),
        remedy=next(filter(None, remedies), ""),
        halted=engine.halt.reason,
        lines=[finding.line for finding in findings],
    )


def _builds(context: CommandContext) -> list[Finding]:
    """What would be uploaded. The files were looked at before; nothing is sent."""
    uploader = context.provider.uploader()
    if uploader is None:
        return []
    from testgate.runs.uploading import part_of, told  # only for those who bring a build

    findings = []
    for upload in uploader.uploads:
        try:
            size = part_of(upload.path, context.step.workspace.open_given).size
        except OSError as error:
            fault = GateError(f"{upload.path} can't be uploaded: {error.strerror or error}", remedy="Check `uploads`.")
            findings.append(Finding("upload", "", fault))
        else:
            findings.append(Finding("upload", f"{told(upload, size)} would be uploaded"))
    return findings


async def _asked(name: str, call: Call[str], engine: Engine) -> Finding:
    """Ask one question."""
    try:
        return Finding(name, await engine.halt.until(engine.ask(call, patience=PATIENCE_SECONDS)))
    except GateError as fault:
        certain = call.essential or (isinstance(fault, Refused) and bool(fault.remedy))
        return Finding(name, "", fault) if certain else Finding(name, f"could not be checked ({fault})", unknown=True)


def way(url: str, fault: GateError | None, environ: Mapping[str, str]) -> list[Finding]:
    """What the first question shows about the way to the platform: the URL, TLS, and a proxy."""
    parts = urlsplit(url)
    origin = f"{parts.scheme}://{parts.netloc}"
    answers = {"URL": f"{origin} answers", "TLS": "the certificate is trusted", "proxy": _proxy(parts.scheme, environ)}
    if parts.scheme != "https":
        answers["TLS"] = "not used on this machine"
    about = _on_the_way(fault)
    if not about:
        return [Finding(name, answer) for name, answer in answers.items()]
    return [Finding(name, "", fault) if name == about else Finding(name, NOT_REACHED, unknown=True) for name in answers]


def _on_the_way(fault: GateError | None) -> str:
    """The part of the way that is at fault; "" if the platform was reached."""
    cause = fault.__cause__ if isinstance(fault, Outage) else fault
    return (cause.about or "URL") if isinstance(cause, Unanswered) else ""


def _proxy(scheme: str, environ: Mapping[str, str]) -> str:
    """The proxy that the environment names, without its credentials; these are hidden before they are parsed."""
    name = f"{scheme}_proxy"
    given = environ.get(name) or environ.get(name.upper()) or ""
    return f"{urlsplit(given).hostname or 'without a host'}, from {name.upper()}" if given else "none set"


def _clock(skew: float | None) -> Finding:
    """This machine's clock compared with the platform's."""
    if skew is None:
        return Finding("clock", "the platform sent no date", unknown=True)
    if abs(skew) <= MOST_SKEW_SECONDS:
        return Finding("clock", f"differs from the platform's by {duration(abs(skew))}")
    way = "ahead of" if skew > 0 else "behind"
    fault = GateError(
        f"this machine is {duration(abs(skew))} {way} the platform", remedy="Set the clock: certificates depend on it."
    )
    return Finding("clock", "", fault)


def _verdict(findings: Sequence[Finding]) -> Verdict:
    """Green if nothing is wrong."""
    wrong = [finding for finding in findings if finding.fault is not None]
    if not wrong:
        return Verdict(Conclusion.CHECKED, f"{plural(len(findings), 'check')} passed; nothing was started")
    names = ", ".join(finding.name for finding in wrong)
    return Verdict(Conclusion.PLATFORM_ERROR, f"{len(wrong)} of {plural(len(findings), 'check')} failed: {names}")


def _requests(provider: Provider, _options: CommonOptions, _mark: Callable[[], str]) -> Sequence[Request]:
    """All questions."""
    return [call.request for _name, call in provider.checks()]


COMMAND = Command(_check, _requests, needs=lambda _lookup: Needs.NOTHING, brings=True)
