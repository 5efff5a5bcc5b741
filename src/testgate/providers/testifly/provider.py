"""The requests to Testifly, each with the reader of its reply."""

import json
from collections.abc import Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import Any

from testgate.errors import PlatformError
from testgate.model import Page, Reported, Run, Snapshot, Target, TestResult
from testgate.ports import Targets
from testgate.providers.shared import attached
from testgate.providers.testifly.answers import accepted, page_of, reported_of, snapshots_of, started
from testgate.providers.testifly.options import SELECTORS, TestiflyOptions
from testgate.wire import Api, Call, Credential, Request

_KINDS: Mapping[str, str] = MappingProxyType(
    {"feature_id": "Feature", "test_suite_id": "Test suite", "test_id": "Test", "tests": "List of"}
)


class Testifly:
    """Implements `ports.Provider`. A run is what Testifly calls a job."""

    poll_batch = 100

    def __init__(self, base_url: str, key: str, options: TestiflyOptions, run_ids: Sequence[str] = ()) -> None:
        self._api = Api(base_url.removesuffix("/api") + "/api", Credential("x-api-key", key))
        self._options = options
        self._run_ids = run_ids

    def login(self) -> None:
        """No login: the key is in every request."""

    def targets(self) -> Sequence[Target]:
        """Return one target per feature, test suite or test, or a single one for `tests`.

        `ref` of a target is the selection, as JSON for the trigger's body.
        """
        options = self._options
        found = [_target(name, {field: each}) for name, field in SELECTORS.items() for each in getattr(options, name)]
        return [*found, _target("tests", {"tests": list(options.tests)})] if options.tests else found

    def attached(self) -> Sequence[Run]:
        """Return the jobs of `run-id`."""
        return [attached(each, "job") for each in self._run_ids]

    def named(self) -> Sequence[str]:
        """Nothing is selected by name."""
        return ()

    def uploader(self) -> None:
        """Nothing to upload: nothing is documented."""

    def seek(self, name: str, cursor: str | None, *, everything: bool) -> Call[Targets]:
        """Nothing is selected by name.

        Raises:
            PlatformError: always.

        """
        del cursor, everything
        raise PlatformError(f"this platform cannot look for {name}")

    def trigger(self, target: Target, mark: str) -> Call[Run]:
        """`POST /api/testExecution/{projId}`, which has no place for a mark."""
        del mark
        body = {"action": "executeTests", **json.loads(target.ref)}
        if self._options.agent_name:
            body["agentName"] = self._options.agent_name
        request = self._request("POST", "testExecution", body=body)
        return Call(f"start {target.name}", request, partial(started, target=target), repeatable=False)

    def rerun(self, run: Run, failed: Sequence[TestResult] | None) -> Target:
        """Return a target that starts a job for these tests. Only trying shows whether the platform takes their IDs.

        Raises:
            PlatformError: no tests are given, and this platform can't rerun a whole job.

        """
        if not failed:
            raise PlatformError(
                "this platform cannot rerun a job by itself", remedy="Start the tests again with `command: run`."
            )
        return run.target._replace(ref=json.dumps({"tests": [test.id for test in failed]}))

    def resumed(self, target: Target, run_id: str) -> Run:
        """Return a job of the target; nothing tells which report it has before it is read."""
        return attached(run_id, "job")._replace(target=target)

    def find(self, target: Target, mark: str) -> None:
        """Impossible: a job carries no mark."""

    def poll(self, runs: Sequence[Run]) -> Call[Sequence[Snapshot]]:
        """`POST /api/jobs/{projId}` with IDs. It only reads, so sending it again is safe."""
        request = self._request("POST", "jobs", body={"jobIds": [run.id for run in runs]})
        return Call(f"read {len(runs)} jobs", request, partial(snapshots_of, agent=self._options.agent_name or ""))

    def live(self, run: Run) -> Call[Reported] | None:
        """Ask for the counters in the report while the platform is writing it."""
        call = self._report(run)
        if call is None:
            return None
        return Call(call.what, call.request, reported_of, essential=False)

    def results(self, run: Run, cursor: str | None) -> Call[Page] | None:
        """Ask for the whole report; None before the job has one."""
        del cursor
        return self._report(run)

    def _report(self, run: Run) -> Call[Page] | None:
        """`GET /api/testRun/{projId}/{runId}`; `ref` of a run is the ID of its report."""
        if not run.ref:
            return None
        read = partial(page_of, report=run.ref, project=self._options.project_id or "")
        return Call(f"read the report of job {run.id}", self._request("GET", "testRun", run.ref), read)

    def diagnose(self, run: Run, test: TestResult) -> None:
        """Nothing to ask: the report contains all details."""

    def stop(self, run: Run) -> None:
        """Impossible: no endpoint is documented."""

    def stop_all(self) -> None:
        """Impossible: no endpoint is documented."""

    def checks(self) -> Sequence[tuple[str, Call[str]]]:
        """Ask for no job at all, which shows whether key, URL and project are right."""
        request = self._request("POST", "jobs", body={"jobIds": []})
        return [("key and project", Call("ask for no job", request, accepted))]

    def _request(self, method: str, resource: str, *path: str, body: Mapping[str, Any] | None = None) -> Request:
        """Return a request about the project."""
        return self._api.request(method, resource, self._options.project_id or "", *path, body=body)


def _target(name: str, selection: Mapping[str, Any]) -> Target:
    """Return the target that the input `name` selects: `Feature 67f8…`."""
    (chosen,) = selection.values()
    label = f"{len(chosen)} tests" if isinstance(chosen, list) else str(chosen)
    key = ",".join(chosen) if isinstance(chosen, list) else str(chosen)
    return Target(f"{name} {key}", f"{_KINDS[name]} {label}", json.dumps(selection))
