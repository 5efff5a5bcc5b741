"""Asks for the step in which a test failed. These details are for people; the verdict doesn't need them."""

import asyncio
from collections.abc import Callable, Sequence

from testgate.errors import GateError, Refused
from testgate.gate.attempts import settle
from testgate.model import Attempt, Outcome, Run, TestResult
from testgate.ports import Provider
from testgate.runs.engine import Engine
from testgate.text import one_line, tidy

MOST_TESTS = 50  # in the whole CI step
LONGEST_STEP = 1_000


class Diagnosis:
    """Asks for failing steps, until the limit is reached or the platform refuses."""

    def __init__(self, provider: Provider, engine: Engine, redact: Callable[[str], str]) -> None:
        self._provider = provider
        self._engine = engine
        self._redact = redact
        self._left = MOST_TESTS

    async def steps(self, run: Run, failed: Sequence[TestResult]) -> dict[str, str]:
        """The failing step of each test, by the id of its result; tests whose step can't be read are left out."""
        asked = failed[: self._left]
        self._left -= len(asked)
        found = await asyncio.gather(*(self._step(run, test) for test in asked))
        return {test.id: step for test, step in zip(asked, found, strict=True) if step}

    async def _step(self, run: Run, test: TestResult) -> str:
        """The failing step of one test; "" if the platform doesn't say."""
        call = self._provider.diagnose(run, test)
        if call is None or self._left < 0:
            return ""
        try:
            return one_line(tidy(await self._engine.ask(call), self._redact), LONGEST_STEP)
        except Refused:
            self._left = -1  # a refusal for one test holds for all of them
        except GateError as fault:
            self._engine.remark(f"could not read the steps of {one_line(test.name, 100)}: {fault}")
        return ""


async def diagnose(attempts: list[Attempt], diagnosis: Diagnosis) -> None:
    """Ask for the failing steps of the tests that failed in the end, and add them to the attempts."""
    _snapshot, tests = settle(attempts)
    failed = {test.id for test in tests if test.outcome in {Outcome.FAILED, Outcome.ERROR}}
    for place, attempt in enumerate(attempts):
        wanted = [test for test in attempt.tests if test.id in failed]
        steps = await diagnosis.steps(attempt.run, wanted)
        tests = [test._replace(step=steps.get(test.id, "")) for test in attempt.tests] if steps else attempt.tests
        attempts[place] = attempt._replace(tests=tests)
