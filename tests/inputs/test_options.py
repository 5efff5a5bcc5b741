"""The common inputs: their defaults, descriptions and rules."""

from collections.abc import Mapping

import pytest

from testgate.errors import InputError
from testgate.inputs.lookup import Lookup
from testgate.inputs.options import CommonOptions, demo_problems, demo_wanted
from testgate.inputs.reading import declared, read
from testgate.model import Conclusion
from testgate.results import Policy


def lookup(environ: Mapping[str, str]) -> Lookup:
    """A lookup of this environment, without any files."""
    return Lookup(environ, read_file=_missing)


def _missing(path: str) -> str:
    """Fail like a missing file."""
    raise FileNotFoundError(2, "No such file or directory", path)


def common(**texts: str) -> CommonOptions:
    """Read the common options from these inputs."""
    return read(lookup({f"TESTGATE_{name.upper()}": text for name, text in texts.items()}), [CommonOptions]).of(
        CommonOptions
    )


CONTRACT = {
    "command": "run",
    "provider": "testsigma",
    "provider-file": "",
    "values": "",
    "secret-values": "",
    "api-key": "",
    "base-url": "",
    "ca-file": "",
    "leg": "",
    "title": "",
    "demo": "false",
    "demo-scenario": "failing",
    "answers": "",
    "dry-run": "false",
    "run-id": "",
    "stop-scope": "run",
    "platform": "",
    "wait": "true",
    "timeout": "1h",
    "poll-interval": "auto",
    "request-timeout": "30s",
    "requests-per-second": "20",
    "max-outage": "10m",
    "max-parallel": "10",
    "queue-timeout": "",
    "stall-timeout": "",
    "on-busy": "wait",
    "on-timeout": "stop",
    "on-cancel": "stop",
    "fail-fast": "false",
    "retry-aborted": "0",
    "rerun-failed": "0",
    "min-pass-rate": "100",
    "max-failures": "",
    "max-flaky": "",
    "quarantine-file": "",
    "fail-on": "all",
    "report-dir": "testgate-report",
    "junit-file": "",
    "job-summary": "true",
    "annotations": "true",
    "comment": "false",
    "forge-token": "",
    "log-level": "info",
    "history-file": "",
    "notify-file": "",
    "notify-format": "slack",
    "merge-from": "testgate-reports/**/ctrf.json",
    "merge-expect": "",
    "on-retry": "run",
    "tolerate-known-failures": "false",
}


def test_names_and_defaults_match_the_contract() -> None:
    """Users and documents depend on them."""
    assert {found.name: found.default for found in declared([CommonOptions])} == CONTRACT


def test_documented_defaults_equal_the_defaults() -> None:
    """Setting every documented default changes nothing."""
    written = {f"INPUT_{name.upper()}": default for name, default in CONTRACT.items()}
    assert read(lookup(written), [CommonOptions]).of(CommonOptions) == CommonOptions()


def test_examples_are_valid() -> None:
    """The example in an error message must not cause another error."""
    for found in declared([CommonOptions]):
        example = "s3cret-key" if found.secret and "=" not in found.example else found.example
        read(lookup({f"INPUT_{found.name.upper()}": example}), [CommonOptions])
        assert found.example


def test_every_input_is_described() -> None:
    """A description is short, and ends with a full stop."""
    for found in declared([CommonOptions]):
        assert found.description.endswith(".")
        assert len(found.description) < 300


def test_no_input_shares_a_variable_with_the_file_of_a_secret() -> None:
    """A secret `x` and an input `x-file` would share a variable."""
    names = {found.name for found in declared([CommonOptions])}
    assert not {f"{found.name}-file" for found in declared([CommonOptions]) if found.secret} & names


def test_values_are_typed() -> None:
    """Values arrive as the core uses them."""
    found = common(
        timeout="1h30m",
        poll_interval="15s",
        wait="FALSE",
        max_parallel="3",
        base_url="https://eu.example.com/",
        fail_on="failed, Nothing-Ran",
        demo_scenario="SLOW",
    )
    assert (found.timeout, found.poll_interval, found.wait, found.max_parallel) == (5400.0, 15.0, False, 3)
    assert found.base_url == "https://eu.example.com"
    assert found.fail_on == frozenset({Conclusion.FAILED, Conclusion.NOTHING_RAN})
    assert found.demo_scenario == "slow"


@pytest.mark.parametrize(
    ("texts", "policy"),
    [
        ({}, Policy((100, 1), None, None)),
        ({"min_pass_rate": "99.5%"}, Policy((199, 2), None, None)),
        ({"max_failures": "0"}, Policy(None, 0, None)),
        ({"max_failures": "3", "min_pass_rate": "100"}, Policy((100, 1), 3, None)),
        ({"fail_on": "none"}, Policy((100, 1), None, frozenset())),
    ],
)
def test_max_failures_alone_replaces_the_pass_rate(texts: dict[str, str], policy: Policy) -> None:
    """If both limits are set, both apply."""
    assert common(**texts).policy() == policy


def test_options_do_not_show_the_key() -> None:
    """Options can be logged safely."""
    found = common(api_key="s3cret-key")
    assert found.api_key is not None
    assert found.api_key.reveal() == "s3cret-key"
    assert "s3cret" not in repr(found) + str(found)


@pytest.mark.parametrize("name", ["requests_per_second", "max_parallel"])
@pytest.mark.parametrize("text", ["0", "1001"])
def test_numbers_out_of_bounds_are_refused(name: str, text: str) -> None:
    """Zero and too large numbers are refused."""
    with pytest.raises(InputError, match="from 1 to 1000"):
        common(**{name: text})


def test_demo_is_known_before_inputs_are_read() -> None:
    """The question needs no valid inputs."""
    assert demo_wanted(lookup({"INPUT_DEMO": "True", "INPUT_TIMEOUT": "x"}))
    assert not demo_wanted(lookup({"INPUT_DEMO": "yes"}))
    assert not demo_wanted(lookup({}))


@pytest.mark.parametrize("variable", ["INPUT_API-KEY", "PLUGIN_API_KEY", "TESTGATE_API_KEY_FILE"])
def test_demo_with_a_key_is_a_problem(variable: str) -> None:
    """A user who gives a key wants to test for real; the override of the demo doesn't hide the key."""
    found = lookup({"INPUT_DEMO": "true", variable: "s3cret"}).override({"api-key": "simulator"})
    [problem] = demo_problems(found)
    assert problem.startswith("`demo`: cannot be combined with `api-key`")
    assert "s3cret" not in problem


def test_demo_or_key_alone_is_no_problem() -> None:
    """Only both together contradict each other."""
    assert demo_problems(lookup({"INPUT_DEMO": "true"}).override({"api-key": "simulator"})) == []
    assert demo_problems(lookup({"INPUT_DEMO": "false", "INPUT_API-KEY": "s3cret"})) == []
