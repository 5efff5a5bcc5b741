"""A run that several targets share is watched and rerun once."""

import asyncio
import itertools
from pathlib import Path

import pytest

from testgate.gate.verdict import judge
from testgate.model import Conclusion
from testgate.providers.testifly import Testifly, TestiflyOptions
from testgate.results import Policy, RunReport
from testgate.runs.context import RunOptions
from testgate.runs.engine import Limits
from testgate.runs.workflow import run_all
from testgate.wire import Request
from tests.support.simulated import Answer, Desk, FakeTransport, SimulatedLoop, answer, play


class Platform:
    """Answers every feature with job `j1`, and a rerun with a new job, which passes. `starts` are the bodies."""

    def __init__(self, *, already: bool) -> None:
        self.starts: list[dict[str, object]] = []
        self._already = already
        self._numbers = itertools.count(2)

    def __call__(self, request: Request, _now: float) -> Answer:
        """Answer a request."""
        body = dict(request.body or {})
        if "/testExecution/" in request.url:
            self.starts.append(body)
            if "tests" in body:
                return answer(request, {"success": True, "jobId": f"j{next(self._numbers)}"})
            status = "AlreadyExists" if self._already else "Success"
            return answer(request, {"success": True, "scheduleStatus": status, "jobId": "j1"})
        if "/jobs/" in request.url:
            words = {"j1": "Failed"}
            jobs = [
                {"jobId": job, "status": words.get(job, "Success"), "testRunId": f"r-{job}"} for job in body["jobIds"]
            ]
            return answer(request, {"success": True, "jobs": jobs})
        word = "Failed" if request.url.endswith("/r-j1") else "Passed"
        return answer(request, {"status": "Completed", "tests": [{"_id": "t1", "title": "Login", "status": word}]})


def simulate(root: Path, platform: Platform, features: tuple[str, ...]) -> list[RunReport]:
    """Simulate `command: run` with one rerun of failed tests."""

    async def main(loop: SimulatedLoop) -> list[RunReport]:
        desk = Desk(loop, FakeTransport(platform), Limits(), root)
        options = TestiflyOptions(project_id="p1", feature_id=features)
        provider = Testifly("https://platform.example", "key", options)
        reports = await run_all(
            provider.targets(), RunOptions(rerun_failed=1), desk.context(provider, several=len(features) > 1)
        )
        desk.halt.close()
        await asyncio.sleep(0)
        return [*reports]

    return play(main)


@pytest.mark.parametrize("features", [("a", "b"), ("a", "b", "c", "d")])
def test_a_shared_job_is_rerun_once(tmp_path: Path, features: tuple[str, ...]) -> None:
    """Its tests count once, and a note names the other targets."""
    platform = Platform(already=True)
    (report,) = simulate(tmp_path, platform, features)
    assert [body["tests"] for body in platform.starts if "tests" in body] == [["t1"]]
    assert [attempt.run.id for attempt in report.attempts] == ["j1", "j2"]
    assert [note for note in report.notes if "got the same run" in note] == [
        f"Feature {name} got the same run as Feature a: j1" for name in features[1:]
    ]
    assert judge([report], Policy())[0].verdict.conclusion is Conclusion.PASSED


def test_a_job_that_is_new_for_two_triggers_is_proof_for_one(tmp_path: Path) -> None:
    """It is unknown whether the second feature ran."""
    platform = Platform(already=False)
    reports = simulate(tmp_path, platform, ("a", "b"))
    found = [judged.verdict.conclusion for judged in judge(reports, Policy())]
    assert found == [Conclusion.PASSED, Conclusion.TRIGGER_UNKNOWN]
    assert "was started for Feature a" in judge(reports, Policy())[1].verdict.reason
