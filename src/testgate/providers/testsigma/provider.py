"""The requests to Testsigma, each with the reader of its reply."""

import copy
import json
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any
from urllib.parse import quote, urlsplit

from testgate.errors import BadAnswer, Busy, PlatformError, Refused, Unavailable
from testgate.model import Page, Run, Snapshot, Target, TestResult
from testgate.ports import Targets
from testgate.ports.uploading import Uploader
from testgate.providers.shared import attached, not_started
from testgate.providers.testsigma.answers import PAGE_SIZE, cases_of, page_of, plan_of, run_of, runs_marked, snapshot_of
from testgate.providers.testsigma.catalogue import plans_of
from testgate.providers.testsigma.checks import questions
from testgate.providers.testsigma.details import details_of, failing_step
from testgate.providers.testsigma.options import TestsigmaOptions
from testgate.wire import Api, Call, Credential, Reply

BASE_URL = "https://app.testsigma.com/api/v1"
_RUNS = "execution_results"
_QUERY_SYNTAX = ",:;*%()"  # of a query's filters; nobody documents how a value would escape them

_NO_PATH = "`base-url` has no path; the address of Testsigma's API ends in `/api/v1`."

# Exact texts of the open-source server. Only a reply with one of them proves that nothing was started.
BUSY_TEXTS = ("The specified Test Plan is currently running.", "Another test plan is already in progress")


class Testsigma:
    """Implements `ports.Provider`. `base_url` None stands for the default address."""

    poll_batch = 1

    def __init__(self, base_url: str | None, key: str, options: TestsigmaOptions, run_ids: Sequence[str] = ()) -> None:
        self._note = _NO_PATH if base_url and not urlsplit(base_url).path else ""
        self._api = Api(base_url or BASE_URL, Credential("Authorization", f"Bearer {key}", url_note=self._note))
        self._options = options
        self._run_ids = run_ids

    def login(self) -> None:
        """No login: the key is in every request."""

    def targets(self) -> Sequence[Target]:
        """Return one target per plan."""
        environment = _environment(self._options)
        return [Target(str(plan), f"Test plan {plan}", str(plan), environment) for plan in self._options.test_plan_id]

    def named(self) -> Sequence[str]:
        """Return the name of `test-plan-name`."""
        return [self._options.test_plan_name] if self._options.test_plan_name else []

    def seek(self, name: str, cursor: str | None, *, everything: bool) -> Call[Targets]:
        """`GET /test_plans` with a query, as documented. A name that isn't plain can't be part of one."""
        query = {"page": cursor or "0", "size": str(PAGE_SIZE)}
        if not everything and not set(name) & set(_QUERY_SYNTAX):
            query["query"] = f"name:{name}"
        request = self._api.request("GET", "test_plans", query=query)
        read = partial(plans_of, page=int(query["page"]), environment=_environment(self._options))
        return Call(f"look for the test plan {name!r}", request, read)

    def uploader(self) -> Uploader | None:
        """Return what uploads the files of `uploads`."""
        if not self._options.uploads:
            return None
        from testgate.providers.testsigma.uploading import TestsigmaUploader  # only for those who bring a build

        return TestsigmaUploader(self._api, self._options, self._using)

    def _using(self, versions: Mapping[str, str]) -> "Testsigma":
        """Return the same provider, with more upload versions."""
        options = self._options.replacing(upload_versions={**self._options.upload_versions, **versions})
        other = copy.copy(self)
        other._options = options  # noqa: SLF001  # of the same class
        return other

    def attached(self) -> Sequence[Run]:
        """Return the runs of `run-id`. Which plan each one ran isn't known yet."""
        return [attached(each, url=self._page(each)) for each in self._run_ids]

    def trigger(self, target: Target, mark: str) -> Call[Run]:
        """`POST /execution_results`, without the keys that have no value."""
        body = json.loads(target.ref) if _is_rerun(target) else self._first_body(int(target.ref), mark)
        request = self._api.request("POST", _RUNS, body=body, private=frozenset({"runtimeData"}))
        return Call(
            f"start {target.name}",
            request,
            lambda reply: self._started(reply, target),
            repeatable=False,
            build_no=body.get("buildNo", ""),
        )

    def _first_body(self, plan: int, mark: str) -> dict[str, Any]:
        """Return the body that runs a plan for the first time."""
        options = self._options
        config = {"name": options.execution_config, "id": options.execution_config_id}
        body = {
            "executionId": plan,
            "environmentId": options.environment_id,
            "executionConfig": {name: value for name, value in config.items() if value},
            "uploadVersions": dict(options.upload_versions),
            "buildNo": options.build_no or mark,
            "runtimeData": {
                **options.runtime_data,
                **{name: value.reveal() for name, value in options.runtime_secrets.items()},
            },
        }
        return {name: value for name, value in body.items() if value}

    def rerun(self, run: Run, failed: Sequence[TestResult] | None) -> Target:
        """Return a target whose trigger adds `isReRun`. No place for a mark is documented there.

        Raises:
            PlatformError: nothing says which plan the run belongs to.

        """
        plan = run.ref or (run.target.ref if run.target.ref.isdigit() else "")
        if not plan.isdigit():
            raise PlatformError(f"the platform does not say which test plan run {run.id} belongs to")
        body: dict[str, Any] = {
            "executionId": int(plan),
            "executionResultId": int(run.id) if run.id.isdigit() else run.id,
            "isReRun": True,
            "reRunType": self._options.rerun_type if failed is None else "USER_PICKED",
        }
        picked = self._options.test_case_results if failed is None else [_picked(test) for test in failed]
        if picked:
            body["testCaseResultRequests"] = list(picked)
        if self._options.upload_versions:  # what passes in another build proves nothing
            body["uploadVersions"] = dict(self._options.upload_versions)
        return run.target._replace(ref=json.dumps(body))

    def resumed(self, target: Target, run_id: str) -> Run:
        """Return a run of the target's plan; the platform says which plan it really is of."""
        return attached(run_id, url=self._page(run_id))._replace(target=target, ref=plan_of(target))

    def find(self, target: Target, mark: str) -> Call[Sequence[Run]] | None:
        """`GET /executions/{plan}/test_plan_results`: the plan's latest runs, known from a third party's script.

        A run is recognized by its build number, so not if the user chose it, nor in a rerun.
        """
        if self._options.build_no or _is_rerun(target):
            return None
        query = {"page": "0", "size": "20", "sortBy": "id", "direction": "DESC"}
        request = self._api.request("GET", "executions", target.ref, "test_plan_results", query=query)

        def read(reply: Reply) -> Sequence[Run]:
            return [Run(each, target, self._page(each)) for each in runs_marked(reply, mark)]

        return Call(f"look for the run of {target.name}", request, read, essential=False)

    def poll(self, runs: Sequence[Run]) -> Call[Sequence[Snapshot]]:
        """`GET /execution_results/{id}`."""
        (run,) = runs
        return Call(
            f"read run {run.id}", self._api.request("GET", _RUNS, run.id), lambda reply: [snapshot_of(run, reply)]
        )

    def live(self, run: Run) -> None:
        """Nothing to ask: polls return the counters."""

    def results(self, run: Run, cursor: str | None) -> Call[Page] | None:
        """First all tests by name, and then page by page their messages and durations.

        Only third parties document the pages, so they may be refused.
        """
        if cursor is None:
            request = self._api.request("GET", _RUNS, run.id, "test_case_results")
            return Call(f"read the tests of run {run.id}", request, partial(cases_of, run=run))
        page, size = page_of(cursor)
        query = {
            "query": f"executionResultId:{run.id},iteration:null,isStepGroup:false",
            "page": str(page),
            "size": str(size),
        }
        request = self._api.request("GET", "test_case_results", query=query)
        read = partial(details_of, run=run, page=page, size=size)
        return Call(f"read messages and durations of run {run.id}", request, read, essential=False)

    def diagnose(self, run: Run, test: TestResult) -> Call[str] | None:
        """`GET …/step_results` in version 2 of the API: the failing step."""
        base_url = self._api.base_url
        if not test.id.isdigit() or not base_url.endswith("/api/v1"):
            return None
        second = self._api._replace(base_url=base_url.removesuffix("1") + "2")
        request = second.request("GET", "test_runs", run.id, "test_case_results", test.id, "step_results")
        return Call(
            f"read the steps of {test.name}", request, partial(failing_step, known=test.message), essential=False
        )

    def stop(self, run: Run) -> Call[None] | None:
        """`PUT /execution_results/{id}`: stop this run only. Known from the open-source server."""
        body = {"canStopAll": False, "result": "STOPPED"}
        request = self._api.request("PUT", _RUNS, run.id, body=body)
        return Call(f"stop run {run.id}", request, Reply.check, repeatable=False)

    def stop_all(self) -> Call[None] | None:
        """`PUT /execution_results`: the documented call, which stops every run of the account."""
        body = {"canStopAll": True, "result": "STOPPED"}
        request = self._api.request("PUT", _RUNS, body=body)
        return Call("stop every run", request, Reply.check, repeatable=False)

    def checks(self) -> Sequence[tuple[str, Call[str]]]:
        """Ask whether key and URL are right, and whether the key can see the plans and the environment."""
        return questions(self._api, self._options, self.named(), partial(self.seek, cursor=None, everything=False))

    def _started(self, reply: Reply, target: Target) -> Run:
        """Return the run that a trigger started."""
        try:
            answer = run_of(reply)
        except Unavailable as refusal:
            if reply.words.strip().startswith(BUSY_TEXTS):
                remedy = "Run the job when the plan has finished, or use `on-busy: wait`."
                raise Busy(reply.quoted, remedy=remedy) from refusal
            raise
        except Refused as refusal:
            remedy = f"{_remedy(refusal, target.key)} {self._note if refusal.missing else ''}".strip()
            raise not_started(target, refusal, remedy) from refusal
        plan = plan_of(target)
        if answer.execution_id not in {"", plan}:
            raise BadAnswer(
                f"{reply.request.label} answered with a run of plan {answer.execution_id}, but plan {plan} was started"
            )
        return Run(answer.id, target, self._page(answer.id), ref=answer.execution_id)

    def _page(self, run_id: str) -> str:
        """Return the URL of the run's page in the web app."""
        parts = urlsplit(self._api.base_url)
        return f"{parts.scheme}://{parts.netloc}/ui/td/runs/{quote(run_id, safe='')}"


def _environment(options: TestsigmaOptions) -> str:
    """The environment that the user chose; "" for the plan's own."""
    return "" if options.environment_id is None else str(options.environment_id)


def _is_rerun(target: Target) -> bool:
    """Whether the target is a rerun, whose `ref` is the JSON body of its trigger instead of a plan's ID."""
    return target.ref.startswith("{")


def _picked(test: TestResult) -> dict[str, Any]:
    """Return the request to rerun one test; of a data-driven test, only the iterations that failed."""
    picked: dict[str, Any] = {"id": int(test.id) if test.id.isdigit() else test.id}
    return {**picked, "iterationReRunType": "FAILED"} if test.iterated else picked


def _remedy(refusal: Refused, plan: str) -> str:
    """Return which inputs to check if a plan was not started."""
    if refusal.missing:
        return (
            f"Check `test-plan-id` ({plan}): this key can't see such a plan. Also check `base-url`: "
            "an account exists in one region only."
        )
    return "Check `test-plan-id`, `environment-id`, `execution-config` and `upload-versions` against the platform."
