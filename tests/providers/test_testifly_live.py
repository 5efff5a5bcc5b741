"""The live progress of Testifly's jobs on a simulated clock: visible, at few requests."""

import asyncio
import itertools
from pathlib import Path

from testgate.gate.verdict import judge
from testgate.model import Conclusion
from testgate.providers.testifly import Testifly, TestiflyOptions
from testgate.results import Policy
from testgate.runs.context import RunOptions
from testgate.runs.engine import Limits
from testgate.runs.workflow import run_all
from testgate.wire import Reply, Request
from tests.support.replies import inputs
from tests.support.simulated import Desk, FakeTransport, SimulatedLoop, answer, play

SECONDS = 300.0


class Platform:
    """Three jobs of five minutes, whose reports fill over time."""

    def __init__(self) -> None:
        """Begin without jobs."""
        self.started: dict[str, float] = {}

    def __call__(self, request: Request, now: float) -> Reply:
        """Answer one request."""
        body = request.body or {}
        if "testExecution" in request.url:
            job = f"job-{body['featureId']}"
            self.started[job] = now
            return answer(request, {"success": True, "scheduleStatus": "Success", "jobId": job})
        if "/jobs/" in request.url:
            return answer(request, {"success": True, "jobs": [self._job(each, now) for each in body["jobIds"]]})
        age = now - self.started[request.url.rpartition("report-")[2]]
        done = min(10, int(age / SECONDS * 10))
        tests = [{"_id": str(n), "title": f"t{n}", "status": "Passed"} for n in range(10)]
        counts = [{"label": "Passed", "count": done}, {"label": "Scheduled", "count": 10 - done}]
        state = "Completed" if age >= SECONDS else "InProgress"
        return answer(request, {"status": state, "statuses": counts, "tests": tests[:done]})

    def _job(self, job: str, now: float) -> dict[str, str]:
        """Return the state of one job."""
        over = now - self.started[job] >= SECONDS
        return {"jobId": job, "status": "Success" if over else "InProgress", "testRunId": f"report-{job}"}


def test_live_counters_are_read_for_one_job_every_fifteen_seconds(tmp_path: Path) -> None:
    """In five minutes about twenty reports are read, never two within fifteen seconds."""

    async def main(loop: SimulatedLoop) -> tuple[Desk, list[Conclusion]]:
        desk = Desk(loop, FakeTransport(Platform()), Limits(), tmp_path)
        options = inputs({"project-id": "p", "feature-id": "a,b,c"}, TestiflyOptions).of(TestiflyOptions)
        provider = Testifly("https://testifly.example", "k" * 16, options)
        reports = await run_all(provider.targets(), RunOptions(), desk.context(provider, several=True))
        desk.halt.close()
        await asyncio.sleep(0)
        return desk, [each.verdict.conclusion for each in judge(reports, Policy())]

    desk, conclusions = play(main)
    assert conclusions == [Conclusion.PASSED] * 3
    live = [at for at in desk.transport.times("GET") if at < 1000 + SECONDS]
    assert 15 <= len(live) <= 21
    assert all(later - earlier >= 15 for earlier, later in itertools.pairwise(live))
    assert "of 10 tests done" in desk.log
    polls = desk.transport.count("POST", "/jobs/p")
    assert polls <= 2 * 50
