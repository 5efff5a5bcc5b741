"""The inputs that every command and provider shares.

Names, defaults and meaning are part of the contract with users. The descriptions are what users
read in `action.yml`, in the README and in `--help`.
"""

from enum import StrEnum
from typing import Annotated, Literal, get_args

from pydantic import Field

from testgate.inputs.lists import TextList, names_of
from testgate.inputs.lookup import Lookup
from testgate.inputs.reading import Options
from testgate.inputs.values import (
    BaseUrl,
    Duration,
    Fault,
    Interval,
    Key,
    Kind,
    OptionalText,
    Percent,
    Switch,
    Text,
    one_of,
    whole,
)
from testgate.model import Conclusion, Origin, Run
from testgate.results import Policy

StopScope = Literal["run", "all"]
OnBusy = Literal["wait", "fail"]
OnEnd = Literal["stop", "leave"]
Scenario = Literal["passing", "failing", "flaky", "outage", "empty", "slow"]
LogLevel = Literal["info", "debug"]


class Group(StrEnum):
    """The heading that lists an input in the documents, in the order of the headings."""

    RUNNING = "What to run"
    WAITING = "Waiting"
    GATE = "Gate"
    REPORTS = "Reports"
    TRYING = "Demo, CI and log"


_RED = tuple(
    str(conclusion)
    for conclusion in (
        Conclusion.FAILED,
        Conclusion.NOTHING_RAN,
        Conclusion.STOPPED,
        Conclusion.TIMED_OUT,
        Conclusion.PLATFORM_ERROR,
        Conclusion.TRIGGER_UNKNOWN,
        Conclusion.REPORT_ERROR,
    )
)


def _write_fail_on(names: frozenset[Conclusion] | None) -> str:
    """The set as users would write it."""
    return "all" if names is None else ", ".join(sorted(names)) or "none"


FailOn = Annotated[frozenset[Conclusion] | None, Kind(names_of(*_RED), _write_fail_on, several=True)]


class CommonOptions(Options):
    """Durations are seconds; a rate or number that is None has no limit."""

    command: Text = Field(
        default="run",
        description="What to do. `run` starts tests, waits, reports and decides. `attach` does so for runs that were"
        " started elsewhere. `rerun` runs a finished run again, `stop` stops runs. `create-test-run` only creates a"
        " test run in test management. `check` asks whether key, URL and ids are right.",
        examples=["run"],
        json_schema_extra={"group": Group.RUNNING},
    )
    provider: Text = Field(
        default="testsigma",
        description="The platform that runs the tests.",
        examples=["testsigma"],
        json_schema_extra={"group": Group.RUNNING},
    )
    api_key: Key = Field(
        default=None,
        description="The platform's API key. Keep it among the CI's secrets.",
        examples=["the secret TESTGATE_API_KEY of your CI"],
        json_schema_extra={"group": Group.RUNNING},
    )
    base_url: BaseUrl = Field(
        default=None,
        description="Where the platform's API is, if not at its usual address: another region, a proxy."
        " Must be `https`; plain `http` works for this machine only.",
        examples=["https://app.testsigma.com/api/v1"],
        json_schema_extra={"group": Group.RUNNING},
    )
    ca_file: OptionalText = Field(
        default=None,
        description="A file with the certificate authorities to trust, in PEM form, where the platform or a proxy has"
        " one of its own. The usual environment variables work too.",
        examples=["/etc/ssl/certs/company-ca.pem"],
        json_schema_extra={"group": Group.RUNNING},
    )
    title: Text = Field(
        default="",
        description="A name for this step, shown in its summary and reports. Without it, what was run gives the name.",
        examples=["Checkout smoke tests"],
        json_schema_extra={"group": Group.RUNNING},
    )
    demo: Switch = Field(
        default=False,
        description="`true` plays against a built-in simulator: no account, key or network. Nothing real is tested.",
        examples=["true"],
        json_schema_extra={"group": Group.TRYING},
    )
    demo_scenario: Annotated[Scenario, one_of(*get_args(Scenario))] = Field(
        default="failing",
        description="What the simulator plays: `passing`, `failing`, `flaky` (failed tests pass when they are rerun), "
        "`outage`, `empty` (no test runs) or `slow`.",
        examples=["passing"],
        json_schema_extra={"group": Group.TRYING},
    )
    dry_run: Switch = Field(
        default=False,
        description="`true` prints the requests that would be sent, without secrets, and sends nothing.",
        examples=["true"],
        json_schema_extra={"group": Group.TRYING},
    )
    run_id: TextList = Field(
        default=(),
        description="The runs that `attach`, `rerun` and `stop` are about: one id or several.",
        examples=["337"],
        json_schema_extra={"group": Group.RUNNING},
    )
    stop_scope: Annotated[StopScope, one_of(*get_args(StopScope))] = Field(
        default="run",
        description="For `stop`: `run` stops the runs in `run-id`; `all` stops every run of the account,"
        " other people's too.",
        examples=["run"],
        json_schema_extra={"group": Group.RUNNING},
    )
    platform: Text = Field(
        default="",
        description="The CI whose log, outputs and summary to use. Normally it is detected.",
        examples=["github"],
        json_schema_extra={"group": Group.TRYING},
    )
    wait: Switch = Field(
        default=True,
        description="`false` starts the tests, writes the ids of their runs and ends, green, without a verdict.",
        examples=["false"],
        json_schema_extra={"group": Group.WAITING},
    )
    timeout: Duration = Field(
        default=3600.0,
        description="How long the whole step may take, counted from its start.",
        examples=["1h30m"],
        json_schema_extra={"group": Group.WAITING},
    )
    poll_interval: Interval = Field(
        default=None,
        description="How often to ask for the state of a run: `auto` asks often at first and less often later."
        " A fixed duration is at least `1s`.",
        examples=["15s"],
        json_schema_extra={"group": Group.WAITING},
    )
    request_timeout: Duration = Field(
        default=30.0,
        description="How long one request may take before it is given up.",
        examples=["30s"],
        json_schema_extra={"group": Group.WAITING},
    )
    requests_per_second: Annotated[int, whole(1, 1000)] = Field(
        default=20,
        description="The most requests in a second, over all that this step does.",
        examples=["20"],
        json_schema_extra={"group": Group.WAITING},
    )
    max_outage: Duration = Field(
        default=600.0,
        description="How long the platform may be out of reach while a run is watched. Each good answer starts the"
        " clock anew. Before anything was started the limit is 30 s.",
        examples=["10m"],
        json_schema_extra={"group": Group.WAITING},
    )
    max_parallel: Annotated[int, whole(1, 1000)] = Field(
        default=10,
        description="The most runs at the same time.",
        examples=["10"],
        json_schema_extra={"group": Group.WAITING},
    )
    on_busy: Annotated[OnBusy, one_of(*get_args(OnBusy))] = Field(
        default="wait",
        description="What to do when the platform says that the plan is running already or no slot is free:"
        " `wait`, inside `timeout`, or `fail`.",
        examples=["fail"],
        json_schema_extra={"group": Group.WAITING},
    )
    on_timeout: Annotated[OnEnd, one_of(*get_args(OnEnd))] = Field(
        default="stop",
        description="What to do at the `timeout` with runs that this step started: `stop` or `leave` them."
        " Runs that were started elsewhere are stopped only if this input is given.",
        examples=["leave"],
        json_schema_extra={"group": Group.WAITING},
    )
    on_cancel: Annotated[OnEnd, one_of(*get_args(OnEnd))] = Field(
        default="stop",
        description="What to do when the job is cancelled with runs that this step started: `stop` or `leave` them."
        " Runs that were started elsewhere are stopped only if this input is given.",
        examples=["leave"],
        json_schema_extra={"group": Group.WAITING},
    )
    rerun_failed: Annotated[int, whole(0, 10)] = Field(
        default=0,
        description="How often to rerun the tests that failed. A test that passes then is flaky: it counts as passed.",
        examples=["1"],
        json_schema_extra={"group": Group.GATE},
    )
    min_pass_rate: Percent = Field(
        default=(100, 1),
        description="The percentage of its tests that must pass in each run. Tests that were skipped do not count.",
        examples=["95"],
        json_schema_extra={"group": Group.GATE},
    )
    max_failures: Annotated[int | None, whole(0)] = Field(
        default=None,
        description="The most tests that may fail, break or not run, over all runs together. Given alone it takes the"
        " place of `min-pass-rate`; with both given, both must hold.",
        examples=["3"],
        json_schema_extra={"group": Group.GATE},
    )
    max_flaky: Annotated[int | None, whole(0)] = Field(
        default=None,
        description="The most tests that may pass only in a rerun, over all runs together.",
        examples=["2"],
        json_schema_extra={"group": Group.GATE},
    )
    quarantine_file: OptionalText = Field(
        default=None,
        description="A TOML file of tests whose failure does not count, each with a reason and an expiry date.",
        examples=[".testgate/quarantine.toml"],
        json_schema_extra={"group": Group.GATE},
    )
    fail_on: FailOn = Field(
        default=None,
        description=f"Which conclusions make the step red: `all`, `none`, or some of {', '.join(_RED)}."
        " The others are warnings.",
        examples=["failed, nothing-ran"],
        json_schema_extra={"group": Group.GATE},
    )
    report_dir: Text = Field(
        default="testgate-report",
        description="The directory for the reports. If another step has filled it, the next free name is used.",
        examples=["testgate-report"],
        json_schema_extra={"group": Group.REPORTS},
    )
    junit_file: OptionalText = Field(
        default=None,
        description="Where to write the JUnit report. Without it: `junit.xml` in `report-dir`.",
        examples=["test-results/testgate.xml"],
        json_schema_extra={"group": Group.REPORTS},
    )
    job_summary: Switch = Field(
        default=True,
        description="Whether to show the results on the page of the build.",
        examples=["false"],
        json_schema_extra={"group": Group.REPORTS},
    )
    annotations: Switch = Field(
        default=True,
        description="Whether to show the most important failed tests as annotations of the build.",
        examples=["false"],
        json_schema_extra={"group": Group.REPORTS},
    )
    log_level: Annotated[LogLevel, one_of(*get_args(LogLevel))] = Field(
        default="info",
        description="How much to log. `debug` also tells of each request.",
        examples=["debug"],
        json_schema_extra={"group": Group.TRYING},
    )

    def stops(self, run: Run, why: Conclusion) -> bool:
        """Whether a run is to be stopped when the step ends so; another's run only if the user says it."""
        name = "on_timeout" if why is Conclusion.TIMED_OUT else "on_cancel"
        wanted = (self.on_timeout if why is Conclusion.TIMED_OUT else self.on_cancel) == "stop"
        return wanted and (run.origin is Origin.STARTED or name in self.model_fields_set)

    def policy(self) -> Policy:
        """The limits of the gate: `max-failures` given alone takes the place of `min-pass-rate`."""
        alone = self.max_failures is not None and "min_pass_rate" not in self.model_fields_set
        return Policy(
            min_pass_rate=None if alone else self.min_pass_rate,
            max_failures=self.max_failures,
            max_flaky=self.max_flaky,
            fail_on=self.fail_on,
        )


def demo_wanted(lookup: Lookup) -> bool:
    """Whether the user asks for the simulator, before anything else is read."""
    return lookup.text("demo").lower() == "true"


def demo_problems(lookup: Lookup) -> list[str]:
    """A real key beside `demo: true`, or another command than `run`: one of the two is a mistake."""
    if not demo_wanted(lookup):
        return []
    problems = []
    try:
        given = lookup.from_environment("api-key", secret=True) is not None
    except Fault:
        given = True
    if given:
        problems.append("`demo`: true together with `api-key`: a demo tests nothing real. Remove one. Example: false")
    command = lookup.text("command").lower()
    if command not in {"", "run"}:
        problems.append(f"`demo`: true plays `command: run` only, not {command!r}. Remove one. Example: false")
    return problems
