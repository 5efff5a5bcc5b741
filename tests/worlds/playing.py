"""Plays a step against a world on the simulated clock, and compares the verdict with the oracle's ruling."""

import asyncio
import datetime as dt
import io
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

from testgate.errors import GateError
from testgate.gate.quarantine import parse
from testgate.gate.verdict import decide, judge
from testgate.model import Conclusion, Origin, Run, Target
from testgate.platforms.plain import Plain
from testgate.ports import Provider
from testgate.providers.testifly import Testifly, TestiflyOptions
from testgate.providers.testsigma import Testsigma, TestsigmaOptions
from testgate.results import JudgedRun, Policy
from testgate.runs.context import RunContext, RunOptions
from testgate.runs.diagnosing import Diagnosis
from testgate.runs.engine import Engine, Limits
from testgate.runs.halt import Halt
from testgate.runs.polling import Poller
from testgate.runs.progress import Progress
from testgate.runs.workflow import run_all
from testgate.wire import Request
from tests.support.simulated import Answer, FakeTransport, SimulatedLoop, play
from tests.support.steps import step_of
from tests.support.surroundings import surroundings
from tests.worlds.facts import WorldFacts, equal_world, plain_world, world_facts
from tests.worlds.jobs import JobFacts, Jobs, job_facts, plain_jobs
from tests.worlds.lies import Liar
from tests.worlds.oracle import Ruling, rule
from tests.worlds.truth import LimitFacts, QuarantineFacts, StepTruth
from tests.worlds.world import World

TIMEOUT = 900.0
LATEST = TIMEOUT + 35.0
MOST_REQUESTS = 2_000
_BUG = Conclusion.INTERNAL_ERROR
TODAY = dt.date(2026, 5, 4)

Handler = Callable[[Request, float], Answer]


class Platform(Protocol):
    """What a play needs of a simulated platform."""

    wrongs: list[str]
    nonsense: list[str]

    def __call__(self, request: Request, now: float) -> Answer:
        """Answer a request."""

    def truth(self) -> StepTruth:
        """The whole truth, once everything is over."""


class Inputs(NamedTuple):
    """The inputs of the step: what to run on which platform, and the gate's policy."""

    make: Callable[[float], Platform]
    provider: Callable[[Platform], Provider]
    attach: bool
    rerun_failed: int
    limits: LimitFacts
    quarantine: Sequence[QuarantineFacts]


class Played(NamedTuple):
    """A play: the verdict, what the oracle says, and what is wrong. `code` is the exit code."""

    seed: int
    code: int
    conclusion: Conclusion
    reason: str
    ruling: Ruling
    problems: Sequence[str]
    log: str
    nonsense: Sequence[str] = ()
    lie: str = ""

    @property
    def false_green(self) -> bool:
        """Whether the step is green where the truth is red."""
        return self.code == 0 and bool(self.ruling.red)

    @property
    def false_red(self) -> str:
        """The kind of a red verdict on what truly passed; "" if it isn't one."""
        if self.code == 0 or self.ruling.red:
            return ""
        if self.lie:
            return "lied to"
        return self.ruling.excuses[0] if self.ruling.excuses else "unexplained"


class _Ended(NamedTuple):
    """The end of a step."""

    judged: Sequence[JudgedRun]
    platform: Platform
    seconds: float
    requests: int


def play_seed(seed: int) -> Played:
    """Play the honest world of this seed."""
    played = play_inputs(seed, inputs_of(world_facts(seed)))
    return with_ruling(played)


def play_equal(seed: int) -> Played:
    """Play the honest world of this seed whose tests are hard to tell apart."""
    return with_ruling(play_inputs(seed, inputs_of(equal_world(seed))))


def play_jobs(seed: int) -> Played:
    """Play the honest world of this seed on the second platform."""
    return with_ruling(play_inputs(seed, inputs_of_jobs(job_facts(seed))))


def play_lie(seed: int) -> Played:
    """Play the world of this seed, with one lie."""
    facts = plain_world(seed)
    return _with_lie(seed, inputs_of(facts))


def play_job_lie(seed: int) -> Played:
    """Play the world of this seed on the second platform, with one lie."""
    return _with_lie(seed, inputs_of_jobs(plain_jobs(seed)))


def _with_lie(seed: int, inputs: Inputs) -> Played:
    """A play with one lie: green is wrong where the truth is red."""
    liars: list[Liar] = []

    def lying(honest: Handler) -> Handler:
        liars.append(Liar(honest, seed))
        return liars[0]

    played = play_inputs(seed, inputs, lying)
    lie = liars[0].lie if liars else None
    problems = [*played.problems]
    if lie is None:
        return with_ruling(played)
    if played.false_green:
        problems.append(f"false green under a lie: {lie}; {played.reason}; but {played.ruling.red}")
    return played._replace(problems=problems, lie=str(lie))


def with_ruling(played: Played) -> Played:
    """The play of an honest world, with what the oracle finds wrong."""
    problems = [*played.problems, *played.nonsense]
    if played.false_green:
        problems.append(f"false green: {played.reason}; but {played.ruling.red}")
    if played.false_red == "unexplained":
        problems.append(f"unexplained red: {played.conclusion}: {played.reason}")
    return played._replace(problems=problems)


def inputs_of(facts: WorldFacts) -> Inputs:
    """The inputs of a step against Testsigma."""

    def provider(platform: Platform) -> Provider:
        assert isinstance(platform, World)
        given = [str(run.id) for run in platform.attached]
        options = TestsigmaOptions(test_plan_id=() if given else tuple(plan.id for plan in facts.plans))
        return Testsigma("https://worlds.invalid/api/v1", "worlds/key", options, given)

    return Inputs(
        make=lambda began: World(facts, began),
        provider=provider,
        attach=facts.attach,
        rerun_failed=facts.rerun_failed,
        limits=facts.limits,
        quarantine=facts.quarantine,
    )


def inputs_of_jobs(facts: JobFacts) -> Inputs:
    """The inputs of a step against Testifly."""
    options = TestiflyOptions(project_id="p", feature_id=tuple(str(each) for each in range(len(facts.features))))
    return Inputs(
        make=lambda began: Jobs(facts, began),
        provider=lambda _platform: Testifly("https://worlds.invalid", "worlds/key", options),
        attach=False,
        rerun_failed=facts.rerun_failed,
        limits=facts.limits,
        quarantine=facts.quarantine,
    )


def play_inputs(seed: int, inputs: Inputs, lie: Callable[[Handler], Handler] = lambda honest: honest) -> Played:
    """Play a step; `lie` may change what the platform answers."""
    stream = io.StringIO()
    policy = policy_of(inputs.limits)
    try:
        ended = play(lambda loop: _main(loop, inputs, policy, lie, stream))
    except (Exception, AssertionError) as error:  # noqa: BLE001  # whatever it is, it is reported with the seed
        problem = f"{type(error).__name__}: {error}"
        return Played(seed, _BUG.exit_code, _BUG, problem, Ruling("a bug"), [problem], stream.getvalue())
    verdict, code = decide(ended.judged, policy)
    return Played(
        seed=seed,
        code=code,
        conclusion=verdict.conclusion,
        reason=verdict.reason,
        ruling=rule(ended.platform.truth()),
        problems=list(_problems(ended)),
        log=stream.getvalue(),
        nonsense=ended.platform.nonsense,
    )


def policy_of(limits: LimitFacts) -> Policy:
    """The program's policy with these limits."""
    return Policy(min_pass_rate=limits.rate, max_failures=limits.failures, max_flaky=limits.flaky)


def _problems(ended: _Ended) -> Sequence[str]:
    """What is wrong whatever the verdict is: bugs, hangs, requests that nobody should have sent."""
    faults = [each.report.fault for each in ended.judged]
    problems = [f"internal error: {each.verdict.reason}" for each in ended.judged if each.verdict.conclusion is _BUG]
    problems += [f"a bug: {fault!r}" for fault in faults if not (fault is None or isinstance(fault, GateError))]
    if ended.seconds > LATEST:
        problems.append(f"the step took {ended.seconds:.0f} s")
    if ended.requests > MOST_REQUESTS:
        problems.append(f"{ended.requests} requests")
    return [*problems, *ended.platform.wrongs]


async def _main(
    loop: SimulatedLoop, inputs: Inputs, policy: Policy, lie: Callable[[Handler], Handler], stream: io.StringIO
) -> _Ended:
    """The step, put together as the command line does it."""
    began = loop.time()
    platform = inputs.make(began)
    step = step_of(Plain(surroundings({})), Path(tempfile.gettempdir()), stream, clock=loop.time)
    transport = FakeTransport(lie(platform), latency=0.05)
    halt = Halt(began + TIMEOUT)
    limits = Limits(timeout=TIMEOUT, max_outage=60.0)
    engine = Engine(transport, limits, step.console, halt, chance=lambda: 0.5, redact=step.redact)
    provider = inputs.provider(platform)
    begins: list[Target | Run] = [*(provider.attached() if inputs.attach else provider.targets())]
    marks = iter(range(1_000_000))
    options = RunOptions(
        rerun_failed=inputs.rerun_failed,
        policy=policy,
        stop_at=lambda run, _why: run.origin is Origin.STARTED,
        mark=lambda: f"mark-{next(marks)}",
    )
    context = RunContext(
        provider=provider,
        engine=engine,
        poller=Poller(engine, provider),
        journal=step.journal,
        progress=Progress(step.console, loop.time, several=len(begins) > 1),
        diagnosis=Diagnosis(provider, engine, step.redact),
        redact=step.redact,
        label=parse(quarantine_text(inputs.quarantine), TODAY).label,
    )
    reports = await run_all(begins, options, context)
    halt.close()
    seconds = loop.time() - began
    await asyncio.sleep(0)
    return _Ended(judge(reports, policy), platform, seconds, len(transport.sent))


def quarantine_text(entries: Sequence[QuarantineFacts]) -> str:
    """The quarantine file."""
    return "".join(
        f"[[test]]\n{'id' if each.case else 'name'} = '{each.case or each.pattern}'\nreason = 'known'\n"
        f"expires = {'2026-05-03' if each.expired else '2026-05-04'}\n"
        for each in entries
    )
