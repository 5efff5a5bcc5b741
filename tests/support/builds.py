"""Builds of GitHub on two branches that keep their history in one file, as the CI's cache does."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from testgate.demo.testsigma.scenarios import Plan, Scenario, Test, one_plan
from tests.support.step import Left, run
from tests.support.vendor import inputs, simulator

HISTORY = ".testgate/history.json"
CASES = {"Login": 11, "Pay": 12, "Ship": 13, "Search": 14}
WORDS = {"P": "SUCCESS", "F": "FAILURE", "K": "FAILURE", "E": "ABORTED"}


class Change(NamedTuple):
    """What a build is for: a branch, or a pull request into main."""

    branch: str
    request: int = 0
    base: str = ""


MAIN = Change("main")
FEATURE = Change("voucher", 7)


def plan(letters: str, names: Mapping[str, str] | None = None, only: int | None = None) -> Plan:
    """A plan with a letter for each of the cases: passed, failed, flaky, error."""
    tests = [
        Test(
            (names or {}).get(name, name),
            word=WORDS[letter],
            message=f"{name} is broken" if letter in "FKE" else None,
            case_id=case,
            suite="Shop",
            machine="Chrome",
            later=("SUCCESS",) if letter == "K" else (),
        )
        for letter, (name, case) in zip(letters, CASES.items(), strict=False)
    ]
    return Plan(tests=tuple(tests[:only]), running=2.0, rerun_running=1.0)


class Builds:
    """The builds of a repository, each in a workspace of its own; `folder` holds them, and the cache."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.cache = folder / "cache.json"

    def workspace(self, number: int, attempt: int = 1) -> Path:
        """The workspace of a build, with the history from the cache."""
        folder = self._folder / f"{number}-{attempt}"
        (folder / HISTORY).parent.mkdir(parents=True)
        if self.cache.exists():
            shutil.copy(self.cache, folder / HISTORY)
        return folder

    def environment(self, folder: Path, number: int, change: Change, attempt: int = 1) -> dict[str, str]:
        """The variables of the build, and the file with its event."""
        event = folder / "event.json"
        head = {"head": {"ref": change.branch, "sha": f"{number:040x}"}, "base": {"ref": "main", "sha": change.base}}
        payload = {"pull_request": {"number": change.request, **head}} if change.request else {}
        event.write_text(json.dumps({**payload, "repository": {"default_branch": "main"}}), encoding="utf-8")
        return {
            "GITHUB_SERVER_URL": "https://github.example",
            "GITHUB_REPOSITORY": "shop/web",
            "GITHUB_WORKFLOW": "Gate",
            "GITHUB_EVENT_NAME": "pull_request" if change.request else "push",
            "GITHUB_EVENT_PATH": str(event),
            "GITHUB_RUN_ID": str(1000 + number),
            "GITHUB_RUN_NUMBER": str(number),
            "GITHUB_RUN_ATTEMPT": str(attempt),
            "GITHUB_SHA": f"{number:040x}",
            "GITHUB_REF": f"refs/pull/{change.request}/merge" if change.request else f"refs/heads/{change.branch}",
            "GITHUB_REF_NAME": f"{change.request}/merge" if change.request else change.branch,
            "GITHUB_HEAD_REF": change.branch if change.request else "",
            "GITHUB_BASE_REF": "main" if change.request else "",
        }

    def keep(self, folder: Path) -> None:
        """Save the history in the cache."""
        if (folder / HISTORY).exists():
            shutil.copy(folder / HISTORY, self.cache)

    def play(self, number: int, change: Change, what: Plan | Scenario, *, attempt: int = 1, **more: str) -> Left:
        """Run a build to its end."""
        folder = self.workspace(number, attempt)
        scenario = one_plan(what) if isinstance(what, Plan) else what
        with simulator(scenario) as server:
            given = inputs(server, history_file=HISTORY, **more)
            left = run(folder, given, extra=self.environment(folder, number, change, attempt))
        self.keep(folder)
        return left
