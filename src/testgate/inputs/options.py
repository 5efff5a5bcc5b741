"""The inputs that all commands and providers share.

Their names, defaults and meanings are a contract with users, who read the descriptions in
`action.yml`, in `docs/reference.md` and in `--help`.
"""

from collections.abc import Sequence
from typing import Annotated, Literal, get_args

from testgate.inputs.declaring import option
from testgate.inputs.groups import Group
from testgate.inputs.lists import PathIdList, SecretMap, StringMap, names_of
from testgate.inputs.lookup import Lookup
from testgate.inputs.reports import ReportOptions
from testgate.inputs.values import (
    BaseUrl,
    Fault,
    Key,
    Kind,
    OptionalText,
    Percent,
    Switch,
    Text,
    Title,
    one_of,
    whole,
)
from testgate.inputs.waiting import WaitingOptions
from testgate.model import Conclusion, Origin, Run
from testgate.results import Policy

StopScope = Literal["run", "all"]
OnRetry = Literal["run", "rerun-failed", "adopt"]
Scenario = Literal["passing", "failing", "flaky", "outage", "empty", "slow"]
LogLevel = Literal["info", "debug"]


_OPTIONAL = (
    Conclusion.FAILED,
    Conclusion.NOTHING_RAN,
    Conclusion.STOPPED,
    Conclusion.TIMED_OUT,
    Conclusion.PLATFORM_ERROR,
    Conclusion.TRIGGER_UNKNOWN,
    Conclusion.REPORT_ERROR,
)


def _write_fail_on(names: frozenset[Conclusion] | None) -> str:
    """Format the set as users would write it."""
    return "all" if names is None else ", ".join(sorted(names)) or "none"


def _named(words: Sequence[str]) -> str:
    """Format words as code, separated by commas."""
    return ", ".join(f"`{word}`" for word in words)


FailOn = Annotated[frozenset[Conclusion] | None, Kind(names_of(*_OPTIONAL), _write_fail_on, several=True)]


class CommonOptions(WaitingOptions, ReportOptions):
    """Durations are in seconds. A limit of None means that there is no limit."""

    command: Annotated[Text, Group.RUNNING] = option(
        default="run",
        description="What to do. `run` starts tests, waits for the results, writes reports and gates the build."
        " `attach` does the same for runs that were started elsewhere, `rerun` reruns runs, `stop` stops them."
        " `create-test-run` only creates a test run. `merge` combines reports. `check` tests key, URL and ids.",
        example="run",
    )
    provider: Annotated[Text, Group.RUNNING] = option(
        default="testsigma", description="The platform that runs the tests.", example="testsigma"
    )
    provider_file: Annotated[OptionalText, Group.RUNNING] = option(
        default=None,
        description="A TOML file of the workspace that describes another platform, instead of `provider`.",
        example=".testgate/platform.toml",
    )
    values: Annotated[StringMap, Group.RUNNING] = option(
        default={},
        description="What to run on a platform that is described by a file, and how: one `name=value` per line. The"
        " file says which names there are. `testgate check` shows them.",
        example="suite-id=5a1e1b90154014760af39ef5",
    )
    secret_values: Annotated[SecretMap, Group.RUNNING] = option(
        default={},
        description="Like `values`, for those that are secrets, such as a second key.",
        example="app-key=the secret APP_KEY of your CI",
    )
    api_key: Annotated[Key, Group.RUNNING] = option(
        default=None,
        description="The platform's API key. Store it as a secret in your CI.",
        example="the secret TESTGATE_API_KEY of your CI",
    )
    base_url: Annotated[BaseUrl, Group.RUNNING] = option(
        default=None,
        description="The URL of the platform's API, if it isn't the default: for another region or a proxy, for"
        " example. Must start with `https://`; plain `http://` is allowed for this machine only.",
        example="https://app.testsigma.com/api/v1",
    )
    ca_file: Annotated[OptionalText, Group.RUNNING] = option(
        default=None,
        description="A PEM file with the certificate authorities to trust, if the platform or a proxy has its own."
        " `REQUESTS_CA_BUNDLE` and `CURL_CA_BUNDLE` work too.",
        example="/etc/ssl/certs/company-ca.pem",
    )
    leg: Annotated[Title, Group.RUNNING] = option(
        default="",
        description="Tells this step from others of the build that run the same tests, such as `chrome` in a matrix. It"
        " is part of a test's identity in all reports.",
        example="chrome",
    )
    title: Annotated[Title, Group.RUNNING] = option(
        default="",
        description="A name for this step in its summary and reports. By default, the names of its runs.",
        example="Checkout smoke tests",
    )
    demo: Annotated[Switch, Group.TRYING] = option(
        default=False,
        description="`true` runs against a built-in simulator, without an account, a key or a network. Nothing real is"
        " tested.",
        example="true",
    )
    demo_scenario: Annotated[Scenario, one_of(*get_args(Scenario)), Group.TRYING] = option(
        default="failing",
        description="What the simulator shows: `passing`, `failing`, `flaky` (failed tests pass when they are rerun), "
        "`outage`, `empty` (no test runs) or `slow`.",
        example="passing",
    )
    answers: Annotated[OptionalText, Group.TRYING] = option(
        default=None,
        description="For `command: check` with a `provider-file`: a folder with saved answers of the platform. Shows"
        " what the file reads from them, and sends nothing.",
        example=".testgate/answers",
    )
    dry_run: Annotated[Switch, Group.TRYING] = option(
        default=False,
        description="`true` prints the requests that would be sent, without secrets, and sends nothing.",
        example="true",
    )
    run_id: Annotated[PathIdList, Group.RUNNING] = option(
        default=(), description="The runs to `attach` to, `rerun` or `stop`: one id or several.", example="337"
    )
    stop_scope: Annotated[StopScope, one_of(*get_args(StopScope)), Group.RUNNING] = option(
        default="run",
        description="For `command: stop`: `run` stops the runs in `run-id`; `all` stops every run in the account,"
        " including those of other people.",
        example="run",
    )
    platform: Annotated[Text, Group.TRYING] = option(
        default="",
        description="The CI system to write log commands, outputs and summaries for. Detected by default.",
        example="github",
    )
    fail_fast: Annotated[Switch, Group.GATE] = option(
        default=False,
        description="`true` stops the other runs of this step as soon as its verdict can only be red: one run has ended"
        " beyond the limits, with all its reruns. Runs that were started elsewhere aren't stopped.",
        example="true",
    )
    on_retry: Annotated[OnRetry, one_of(*get_args(OnRetry)), Group.GATE] = option(
        default="run",
        description="What to do when the CI runs the same job again: `run` starts everything afresh. `rerun-failed`"
        " keeps what passed in the earlier attempt, and reruns what failed there. `adopt` takes up its run if that is"
        " still going on. Both need `history-file`.",
        example="rerun-failed",
    )
    retry_aborted: Annotated[int, whole(0, 5), Group.GATE] = option(
        default=0,
        description="How many times to start a run once more that the platform aborted, or had no machine for, and to"
        " rerun tests that broke for that. Not what a person stopped. Only where the platform tells the difference.",
        example="1",
    )
    rerun_failed: Annotated[int, whole(0, 10), Group.GATE] = option(
        default=0,
        description="How many times to rerun failed tests. A test that passes in a rerun is flaky, and counts as"
        " passed.",
        example="1",
    )
    min_pass_rate: Annotated[Percent, Group.GATE] = option(
        default=(100, 1),
        description="The minimum percentage of tests that must pass in each run. Skipped and quarantined tests don't"
        " count.",
        example="95",
    )
    max_failures: Annotated[int | None, whole(0), Group.GATE] = option(
        default=None,
        description="The maximum number of tests that may fail, error or not run, over all runs together. Set alone, it"
        " replaces `min-pass-rate`; if you set both, both must hold.",
        example="3",
    )
    max_flaky: Annotated[int | None, whole(0), Group.GATE] = option(
        default=None,
        description="The maximum number of tests that may pass only in a rerun, over all runs together.",
        example="2",
    )
    quarantine_file: Annotated[OptionalText, Group.GATE] = option(
        default=None,
        description="A TOML file that lists tests whose failures don't count, each with a reason and an expiry date.",
        example=".testgate/quarantine.toml",
    )
    tolerate_known_failures: Annotated[Switch, Group.GATE] = option(
        default=False,
        description="`true` lets a test fail that failed in the build that this one is compared with. Such failures are"
        " listed and counted, but don't make the step red. Needs `history-file`.",
        example="true",
    )
    fail_on: Annotated[FailOn, Group.GATE] = option(
        default=None,
        description=f"The conclusions that fail the step: `all`, `none`, or some of {_named(_OPTIONAL)}. Those that"
        " are left out only cause a warning.",
        example="failed, nothing-ran",
    )
    log_level: Annotated[LogLevel, one_of(*get_args(LogLevel)), Group.TRYING] = option(
        default="info", description="How much to log: `info`, or `debug` to include every request.", example="debug"
    )

    def stops(self, run: Run, why: Conclusion) -> bool:
        """Whether to stop a run when the step ends for this reason.

        A run that this step didn't start is stopped only if the user set the input. FAILED stands for `fail-fast`.
        """
        if why is Conclusion.FAILED:
            return run.origin is Origin.STARTED
        name = "on_timeout" if why is Conclusion.TIMED_OUT else "on_cancel"
        wanted = (self.on_timeout if why is Conclusion.TIMED_OUT else self.on_cancel) == "stop"
        return wanted and (run.origin is Origin.STARTED or name in self.given)

    def policy(self) -> Policy:
        """The limits of the gate; if only `max-failures` is set, it replaces `min-pass-rate`."""
        alone = self.max_failures is not None and "min_pass_rate" not in self.given
        return Policy(
            min_pass_rate=None if alone else self.min_pass_rate,
            max_failures=self.max_failures,
            max_flaky=self.max_flaky,
            fail_on=self.fail_on,
        )


def demo_wanted(lookup: Lookup) -> bool:
    """Whether the user wants the simulator. Needs no valid inputs."""
    return lookup.text("demo").lower() == "true"


def demo_problems(lookup: Lookup) -> list[str]:
    """Problems with `demo: true`: a real key, or a command other than `run`."""
    if not demo_wanted(lookup):
        return []
    problems = []
    try:
        given = lookup.from_environment("api-key", secret=True) is not None
    except Fault:
        given = True
    if given:
        problems.append(
            "`demo`: cannot be combined with `api-key`: a demo tests nothing real. Remove one. Example: false"
        )
    command = lookup.text("command").lower()
    if command not in {"", "run"}:
        problems.append(f"`demo`: supports `command: run` only, not {command!r}. Remove one. Example: false")
    return problems
