"""Plays a seed, and lists the promises that it broke."""

import asyncio
import io
import itertools
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from testgate.commands.cleanup import Memory, clean_up
from testgate.edges.console import Console
from testgate.errors import GateError, TriggerUnknown, Unanswered
from testgate.gate.verdict import decide, judge
from testgate.model import Conclusion, Origin, Run, Target
from testgate.platforms.plain import Plain
from testgate.providers.testsigma import Testsigma, TestsigmaOptions
from testgate.results import JudgedRun, Policy, RunReport
from testgate.runs.context import RunContext, RunOptions
from testgate.runs.diagnosing import Diagnosis
from testgate.runs.engine import Engine, Limits
from testgate.runs.halt import CLOSING_SECONDS, LAST_SECONDS, Halt, Halted
from testgate.runs.polling import Poller
from testgate.runs.progress import Progress
from testgate.runs.workflow import run_all
from testgate.wire import Reply, Request
from tests.soak.scenario import Scenario, scenario
from tests.soak.trouble import Fate, Trouble
from tests.soak.vendor import Habits, PlanFacts, SimulatedRun, Vendor
from tests.support.simulated import SimulatedLoop, play
from tests.support.steps import step_of
from tests.support.surroundings import surroundings

KEY = "soak/key+0123456789=="
SMALL = 0.1  # seconds by which the promised times may be exceeded
LATE_ARRIVALS = 100.0  # seconds after the end in which requests still arrive
ENDS = {
    *(Conclusion.PASSED, Conclusion.FAILED, Conclusion.NOTHING_RAN, Conclusion.PLATFORM_ERROR),
    *(Conclusion.TIMED_OUT, Conclusion.CANCELLED, Conclusion.TRIGGER_UNKNOWN, Conclusion.TRIGGERED),
}


class Wire:
    """The network to the vendor. A request that was sent arrives, even if nobody waits for its answer anymore."""

    def __init__(self, vendor: Callable[[Request, float], Reply], trouble: Trouble, console: Console) -> None:
        self._vendor = vendor
        self._trouble = trouble
        self._console = console
        self._loop = asyncio.get_running_loop()
        self._began = self._loop.time()
        self.sent: list[tuple[float, Request]] = []

    async def send(self, request: Request, timeout_seconds: float) -> Reply:
        """Send once; see `ports.Transport`."""
        self.sent.append((self._loop.time() - self._began, request))
        kind, fate = self._trouble.of(self._loop.time() - self._began)
        if kind:
            self._console.debug(f"FATE {kind}: {request.label} {fate.arrives} {fate.returns}")
        result: asyncio.Future[Reply] = self._loop.create_future()
        if fate.arrives is None:
            self._loop.call_later(fate.returns, self._return, request, fate, None, result)
        else:
            self._loop.call_later(fate.arrives, self._arrive, request, fate, result)
        try:
            async with asyncio.timeout(timeout_seconds):
                return await result
        except TimeoutError:
            raise Unanswered(f"{request.label} got no answer in time", maybe_arrived=True) from None

    def _arrive(self, request: Request, fate: Fate, result: asyncio.Future[Reply]) -> None:
        """The request takes effect."""
        reply = self._vendor(request, self._loop.time())
        self._loop.call_later(fate.returns, self._return, request, fate, reply, result)

    @staticmethod
    def _return(request: Request, fate: Fate, reply: Reply | None, result: asyncio.Future[Reply]) -> None:
        """Deliver the answer, or what the fate made of it."""
        back = fate.back(request, reply) if fate.back is not None else reply
        if back is None or result.done():
            return
        if isinstance(back, Exception):
            result.set_exception(back)
        else:
            result.set_result(back)


class PlayedSeed(NamedTuple):
    """The result of a seed. `problems` lists the broken promises."""

    seed: int
    problems: Sequence[str]
    log: str
    seconds: float
    requests: int
    conclusion: Conclusion


class _Facts(NamedTuple):
    """The facts that the promises are checked against."""

    scenario: Scenario
    vendor: Vendor
    judged: Sequence[JudgedRun]
    known: Sequence[Run]
    sent: Sequence[tuple[float, Request]]
    began: float
    seconds: float
    log: str
    cleaned: bool

    @property
    def ended(self) -> float:
        """The vendor's time at the end of the step."""
        return self.began + self.seconds


def play_seed(seed: int) -> PlayedSeed:
    """Play the scenario of a seed, and check the promises."""
    told = scenario(seed)
    stream = io.StringIO()
    try:
        facts = play(lambda loop: _main(loop, told, stream))
    except (Exception, AssertionError) as error:  # noqa: BLE001  # whatever it is, it is told with the seed
        return PlayedSeed(
            seed, [f"{type(error).__name__}: {error}"], stream.getvalue(), 0.0, 0, Conclusion.INTERNAL_ERROR
        )
    verdict, _code = decide(facts.judged, Policy())
    problems = [problem for promise in PROMISES for problem in promise(facts)]
    return PlayedSeed(seed, problems, facts.log, facts.seconds, len(facts.sent), verdict.conclusion)


def play_fuzzed(lie: Callable[[Request], Reply | None], *, failing: bool) -> tuple[Sequence[str], Sequence[Conclusion]]:
    """Play one plan, with the answers of `lie`, if any, instead of the true ones.

    Returns the broken promises and the verdicts.
    """
    words = (("a", "SUCCESS"), ("b", "FAILURE" if failing else "SUCCESS"))
    calm = scenario(0)._replace(
        plans=(PlanFacts(1, words, 0.0, 5.0),),
        habits=Habits(),
        limits=Limits(timeout=300.0, max_outage=60.0),
        rate=0.0,
        outages=(),
        halts=(),
        attach=False,
        wait=True,
        rerun_failed=0,
        fail_fast=False,
        retry_aborted=0,
    )
    facts = play(lambda loop: _main(loop, calm, io.StringIO(), lie))
    problems = [*_one_effect(facts), *facts.vendor.wrongs, *_in_time(facts), *_no_secret(facts)]
    problems += [repr(each.report.fault) for each in facts.judged if not _ours(each.report.fault)]
    return problems, [each.verdict.conclusion for each in facts.judged]


def _lied(lie: Reply | None, asked: Request, now: float, vendor: Vendor) -> Reply:
    """The lie, if there is one. The request takes effect anyway, unless the lie is that it had none."""
    if lie is not None and _limits_rates(lie):
        return lie
    true = vendor(asked, now)
    return true if lie is None else lie


def _ours(fault: Exception | None) -> bool:
    """Whether a fault is one that the program knows."""
    return fault is None or isinstance(fault, GateError)


async def _main(
    loop: SimulatedLoop,
    told: Scenario,
    stream: io.StringIO,
    lie: Callable[[Request], Reply | None] = lambda _request: None,
) -> _Facts:
    """Run the step, put together as the command line does it."""
    began = loop.time()
    vendor = Vendor(told.seed, list(told.plans), told.habits, began)
    root = Path(tempfile.gettempdir())
    step = step_of(Plain(surroundings({})), root, stream, secrets=[KEY], clock=loop.time, debug=True)
    console, journal, redact = step.console, step.journal, step.redact
    wire = Wire(
        lambda asked, now: _lied(lie(asked), asked, now, vendor), Trouble(told.seed, told.rate, told.outages), console
    )
    halt = Halt(began + told.limits.timeout)
    engine = Engine(wire, told.limits, console, halt, chance=lambda: 0.5, redact=redact)
    given = [str(each.id) for each in vendor.runs.values() if each.root == each.id] if told.attach else []
    options = TestsigmaOptions(test_plan_id=() if told.attach else tuple(plan.id for plan in told.plans))
    provider = Testsigma("https://soak.invalid/api/v1", KEY, options, given)
    for at, why in told.halts:
        loop.call_at(began + at, halt.request, why)
    begins: list[Target | Run] = [*(provider.attached() if told.attach else provider.targets())]
    marks = iter(range(1_000_000))
    plan = RunOptions(
        wait=told.wait,
        rerun_failed=told.rerun_failed,
        retry_aborted=told.retry_aborted,
        fail_fast=told.fail_fast,
        wait_busy=told.wait_busy,
        stop_at=lambda each, _why: told.stops and each.origin is Origin.STARTED,
        mark=lambda: f"mark-{next(marks)}",
    )
    ports = RunContext(
        provider=provider,
        engine=engine,
        poller=Poller(engine, provider),
        journal=journal,
        progress=Progress(console, loop.time, several=len(begins) > 1),
        diagnosis=Diagnosis(provider, engine, redact),
        redact=redact,
    )
    reports = await run_all(begins, plan, ports)
    seconds = loop.time() - began
    halt.close()
    judged = judge(reports, Policy())
    sent = list(wire.sent)
    await asyncio.sleep(LATE_ARRIVALS)
    calm = Wire(vendor, Trouble(told.seed, 0.0, ()), console)
    cleaned = await _cleaned(
        reports, provider, Engine(calm, Limits(), console, Halt(loop.time() + 60.0), lambda: 0.5, redact)
    )
    return _Facts(told, vendor, judged, journal.runs, sent, began, seconds, stream.getvalue(), cleaned)


async def _cleaned(reports: Sequence[RunReport], provider: Testsigma, engine: Engine) -> bool:
    """Clean up after the step, without faults; True if nothing is left, as far as the cleanup knows."""
    left = [run.id for each in reports for run in each.left_running if run.origin is Origin.STARTED]
    lost = [intent for each in reports for intent in each.lost]
    try:
        return await engine.halt.until(clean_up(Memory(left, lost), provider, engine, engine.console.line))
    except Halted:
        return False
    finally:
        engine.halt.close()


def _one_effect(facts: _Facts) -> list[str]:
    """At most one trigger takes effect for each target and each attempt."""
    effects = Counter(run.asked for run in facts.vendor.ours())
    return [f"{number} runs were started for {what}" for what, number in effects.items() if number > 1]


def _one_at_a_time(facts: _Facts) -> list[str]:
    """No two runs of one target go on at once, and a target is started again only for what the vendor gave up."""
    problems = []
    for plan in facts.scenario.plans:
        runs = sorted((run for run in facts.vendor.ours() if run.plan.id == plan.id), key=lambda run: run.began)
        for earlier, later in itertools.pairwise(runs):
            if earlier.whole_end > later.began:
                problems.append(f"run {later.id} began while run {earlier.id} went on")
        firsts = [run for run in runs if run.root == run.id]
        problems += [f"run {run.id} wasn't given up, and was started again" for run in firsts[:-1] if not run.given_up]
        if len(firsts) > 1 + facts.scenario.retry_aborted:
            problems.append(f"plan {plan.id} was started {len(firsts)} times")
    return [] if facts.scenario.attach else problems


def _nothing_is_cut_without_a_reason(facts: _Facts) -> list[str]:
    """`fail-fast` ends a run only beside one that is red for itself."""
    cut = [each for each in facts.judged if each.report.cut]
    whole = [each for each in facts.judged if not each.report.cut and not each.verdict.conclusion.green]
    if cut and not facts.scenario.fail_fast:
        return ["a run was cut without `fail-fast`"]
    return [f"run {each.id} was cut, and nothing is red" for each in cut if not whole]


def _nothing_wrong_asked(facts: _Facts) -> list[str]:
    """Nobody else's run was stopped, no unknown request was sent, and no finished run was rewritten."""
    wrongs = list(facts.vendor.wrongs)
    if facts.scenario.faultless:
        for run in facts.vendor.runs.values():
            wrongs += [f"run {run.id} was over for {late} s when it was stopped" for late in run.rewritten if late > 1]
    return wrongs


def _one_report_each(facts: _Facts) -> list[str]:
    """Each target has one report, with a possible verdict and no internal error."""
    problems = []
    if len(facts.judged) != len(facts.scenario.plans):
        problems.append(f"{len(facts.judged)} reports for {len(facts.scenario.plans)} targets")
    for each in facts.judged:
        fault = each.report.fault
        given_up = any(plan.gives_up and each.name.endswith(f"lan {plan.id}") for plan in facts.scenario.plans)
        stopped = {Conclusion.STOPPED} if facts.scenario.attach or given_up else set()
        if each.verdict.conclusion not in ENDS | stopped:
            problems.append(f"{each.report.target.name} is {each.verdict.conclusion}: {each.verdict.reason} {fault!r}")
        if not _ours(fault):
            problems.append(f"{each.report.target.name} has the fault {fault!r}")
        if not each.verdict.reason:
            problems.append(f"{each.report.target.name} has no reason")
    return problems


def _no_false_green(facts: _Facts) -> list[str]:
    """A verdict is `passed` only if everything really passed."""
    return [
        f"run {each.id} is told as passed, and the vendor's own truth is another"
        for each in facts.judged
        if each.verdict.conclusion is Conclusion.PASSED and not facts.vendor.truly_passed(int(each.id))
    ]


def _going(facts: _Facts) -> list[SimulatedRun]:
    """Runs that our triggers started and that were still running when the step ended."""
    return [run for run in facts.vendor.ours() if run.whole_end > facts.ended]


def _none_left_unsaid(facts: _Facts) -> list[str]:
    """A run of ours that is still running is named; if nobody can know it, the report says so."""
    left = {run.id for each in facts.judged for run in each.report.left_running}
    known = {each.id for each in facts.known}
    problems = []
    for going in _going(facts):
        child = str(going.child.id) if going.child is not None else ""
        if str(going.id) in known and not {str(going.id), child} & left:
            problems.append(f"run {going.id} goes on, and nobody is told")
        if str(going.id) not in known and not _told_as_unknown(facts, going):
            problems.append(f"run {going.id} was started and never heard of, and nobody is told")
    return problems


def _told_as_unknown(facts: _Facts, run: SimulatedRun) -> bool:
    """Whether a report of the plan says that a run may have been started."""
    for each in facts.judged:
        if each.report.target.key in {str(run.plan.id), f"run {run.root}"}:
            fault, notes = each.report.fault, each.report.notes
            if isinstance(fault, TriggerUnknown):  # a first run has a build number, and is named by it
                named = run.mark in f"{fault.message} {fault.remedy}" or not facts.scenario.habits.tells_runs
                return named and run.mark in {intent.build_no for intent in each.report.lost}
            return any("may or may not" in note for note in notes) and bool(each.report.lost)
    return False


def _nothing_left_after_the_cleanup(facts: _Facts) -> list[str]:
    """If the cleanup says that nothing is left, nothing is; and it can say so unless the platform can't tell."""
    told = facts.scenario
    if told.attach or not told.wait or not told.stops:
        return []
    going = [run for run in facts.vendor.ours() if run.whole_end > facts.ended + LATE_ARRIVALS + 60.0]
    lost = any(each.report.lost for each in facts.judged)
    problems = [f"run {run.id} goes on, and the cleanup says that nothing is left" for run in going if facts.cleaned]
    if not facts.cleaned and not lost and told.habits.stops_after < 1:
        problems.append("the cleanup could not stop a run that it knew")
    return problems


def _stopped_where_it_can_be(facts: _Facts) -> list[str]:
    """Without faults, none of our runs is left running after a cancel or a timeout, unless the user asks for it."""
    told = facts.scenario
    wanted = (
        told.stops and told.wait and told.faultless and len(told.halts) < 2 and told.habits.stops_after < 1
    )  # one cancel
    return [f"run {run.id} was not stopped" for run in _going(facts) if wanted]


def _in_time(facts: _Facts) -> list[str]:
    """The step ends five seconds after a cancel, thirty after the timeout, one and a half after a second cancel."""
    halts = facts.scenario.halts
    bounds = [facts.scenario.limits.timeout + CLOSING_SECONDS[Conclusion.TIMED_OUT]]
    bounds += [at + CLOSING_SECONDS[why] for at, why in halts[:1]]
    bounds += [at + LAST_SECONDS for at, _why in halts[1:]]
    late = facts.seconds - min(bounds)
    return [f"the step ended {late:.2f} s after it had to"] if late > SMALL else []


def _in_budget(facts: _Facts) -> list[str]:
    """Requests stay within the rate limit, except for the few at the end, and there aren't many."""
    per_second = int(facts.scenario.limits.requests_per_second)
    halted = min([facts.scenario.limits.timeout, *(at for at, _why in facts.scenario.halts)])
    times = [at for at, _request in facts.sent if at < halted - 1e-6]
    gone_wrong = [each for each in facts.judged if each.report.fault is not None or each.report.notes]
    window = 2 * per_second + 1 + 12 * len(gone_wrong)
    problems = [
        f"{window} requests within a second, at {first:.1f} s"
        for first, last in zip(times, times[window:], strict=False)
        if last - first < 1 - 1e-6
    ]
    most = (len(facts.vendor.runs) + 1) * (150 + facts.seconds / 2)
    return problems[:1] + ([f"{len(facts.sent)} requests in all"] if len(facts.sent) > most else [])


def _no_secret(facts: _Facts) -> list[str]:
    """The key appears nowhere in the log or the reports."""
    texts = [facts.log, *(repr(each) for each in facts.judged)]
    return ["the key was shown"] if any(KEY in text for text in texts) else []


def _exact_when_calm(facts: _Facts) -> list[str]:
    """Without faults, the verdict is the truth in both directions."""
    told = facts.scenario
    if not told.calm or not told.wait:
        return []
    return [
        f"run {each.id} truly passed, and is told as {each.verdict.conclusion}: {each.verdict.reason}"
        for each in facts.judged
        if each.id and each.verdict.conclusion is not Conclusion.PASSED
        if _plain(each.report) and not each.report.cut and facts.vendor.truly_passed(int(each.id))
    ]


def _plain(report: RunReport) -> bool:
    """Whether all tests differ: a rerun of one of two equal tests proves nothing."""
    return len({test.key for test in report.tests}) == len(report.tests)


PROMISES = (
    *(_one_at_a_time, _nothing_is_cut_without_a_reason),
    *(_one_effect, _nothing_wrong_asked, _one_report_each, _no_false_green, _none_left_unsaid),
    _nothing_left_after_the_cleanup,
    *(_stopped_where_it_can_be, _in_time, _in_budget, _no_secret, _exact_when_calm),
)


def _limits_rates(reply: Reply) -> bool:
    """Whether a server that says this has not acted."""
    asks = bool(reply.headers.get("retry-after", "").strip())
    return reply.status == 429 or (reply.status in {400, 403} and asks)  # Too Many Requests
