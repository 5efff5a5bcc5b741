"""Asks for the step in which a test failed: detail for people, bounded, and never the verdict's concern."""

import asyncio
from collections.abc import Callable, Sequence

from testgate.errors import GateError, Refused
from testgate.model import Run, TestResult
from testgate.ports import Provider
from testgate.runs.engine import Engine
from testgate.text import one_line, tidy

MOST_TESTS = 50  # of the whole step
LONGEST_STEP = 1_000


class Diagnosis:
    """Asks for steps until its allowance is used up, or the platform refuses."""

    def __init__(self, provider: Provider, engine: Engine, redact: Callable[[str], str]) -> None:
        """Take what says, what sends, and what hides secrets."""
        self._provider = provider
        self._engine = engine
        self._redact = redact
        self._left = MOST_TESTS

    async def steps(self, run: Run, failed: Sequence[TestResult]) -> dict[str, str]:
        """The failing steps by the id of the result, side by side; what is refused is simply not there."""
        asked = failed[: self._left]
        self._left -= len(asked)
        found = await asyncio.gather(*(self._step(run, test) for test in asked))
        return {test.id: step for test, step in zip(asked, found, strict=True) if step}

    async def _step(self, run: Run, test: TestResult) -> str:
        """One test's step; "" where nobody tells."""
        call = self._provider.diagnose(run, test)
        if call is None or self._left < 0:
            return ""
        try:
            return one_line(tidy(await self._engine.ask(call), self._redact), LONGEST_STEP)
        except Refused:
            self._left = -1  # what is refused for one is refused for all
        except GateError as fault:
            self._engine.remark(f"the steps of {one_line(test.name, 100)} could not be read: {fault}")
        return ""
