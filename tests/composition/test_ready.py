"""The second stage of a step: valid inputs, or every problem with them."""

import io
from collections.abc import Mapping
from pathlib import Path

import pytest

from testgate.composition.foundation import lay_foundation
from testgate.composition.ready import make_ready
from testgate.edges.signals import Signals
from testgate.edges.world import World
from testgate.errors import InputError
from testgate.providers import PROVIDERS


def world(root: Path, given: Mapping[str, str], environ: Mapping[str, str] | None = None) -> World:
    """The world of a step with these inputs."""
    inputs = {f"INPUT_{name.upper()}": text for name, text in given.items()}
    return World({**inputs, **(environ or {})}, io.StringIO(), root, Signals())


def problems(root: Path, given: Mapping[str, str], environ: Mapping[str, str] | None = None) -> list[str]:
    """The problems with these inputs, each up to its first full stop or semicolon."""
    with pytest.raises(InputError) as caught, make_ready(lay_foundation(world(root, given, environ))):
        pass
    return [problem.split(". ")[0] for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (
            {},
            [
                "`api-key`: required for command run",
                "`test-plan-id`: required for command run: this, or test-plan-name",
            ],
        ),
        ({"api-key": "k-0123456789"}, ["`test-plan-id`: required for command run: this, or test-plan-name"]),
        ({"api-key": "k-0123456789", "command": "stop"}, ["`run-id`: required for command stop"]),
        (
            {"command": "create-test-run"},
            [
                "`test-management-project-id`: required for command create-test-run",
                "`test-management-api-key`: required for command create-test-run",
            ],
        ),
        (
            {"api-key": "k-0123456789", "test-plan-id": "1", "test-management-project-id": "p"},
            ["`test-management-api-key`: required for test management"],
        ),
        (
            {"api-key": "k-0123456789", "provider": "nobody"},
            [f"`provider`: must be one of {', '.join(PROVIDERS)} (given: nobody)"],
        ),
    ],
)
def test_every_missing_input_is_a_problem(tmp_path: Path, given: Mapping[str, str], expected: list[str]) -> None:
    """What is required depends on the command, the provider and test management."""
    assert problems(tmp_path, given) == expected


def test_a_selecting_input_of_the_provider_is_required(tmp_path: Path) -> None:
    """The problem mentions the alternatives."""
    given = {"api-key": "k-0123456789", "provider": "testifly", "base-url": "https://a.example", "project-id": "3"}
    assert problems(tmp_path, given) == [
        "`feature-id`: required for command run: this, or one of test-suite-id, test-id, tests"
    ]


def test_an_input_of_another_provider_is_a_problem(tmp_path: Path) -> None:
    """Among the inputs of the step, it can only be a mistake."""
    given = {"api-key": "k-0123456789", "test-plan-id": "274", "project-id": "3"}
    assert problems(tmp_path, given) == ["`project-id`: belongs to another provider: remove it, or set `provider`"]


def test_warnings_are_logged(tmp_path: Path) -> None:
    """They don't fail the step."""
    made = world(tmp_path, {"api-key": "k-0123456789", "test-plan-id": "274"}, {"TESTGATE_TIME_OUT": "5m"})
    with make_ready(lay_foundation(made)) as ready:
        assert ready.options.timeout == 3600.0
    assert isinstance(made.stream, io.StringIO)
    assert "warning: `TESTGATE_TIME_OUT` is not an input" in made.stream.getvalue()


def test_a_demo_replaces_the_inputs_of_the_user(tmp_path: Path) -> None:
    """Its simulator runs only meanwhile, and nothing else is selected."""
    made = world(tmp_path, {"demo": "true", "demo-scenario": "passing", "test-plan-id": "999"})
    with make_ready(lay_foundation(made)) as ready:
        assert (ready.options.base_url or "").startswith("http://127.0.0.1:")
        assert [target.key for target in ready.provider.targets()] != ["999"]
        assert ready.options.api_key is not None


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (
            {"demo": "true", "api-key": "k-0123456789"},
            ["`demo`: cannot be combined with `api-key`: a demo tests nothing real"],
        ),
        ({"demo": "true", "command": "stop"}, ["`demo`: supports `command: run` only, not 'stop'"]),
        (
            {"demo": "true", "demo-scenario": "boring"},
            [
                "`demo-scenario`: must be one of passing, failing, flaky, outage, empty, slow (given: boring)",
            ],
        ),
    ],
)
def test_an_impossible_demo_is_a_problem(tmp_path: Path, given: Mapping[str, str], expected: list[str]) -> None:
    """No simulator is started."""
    assert problems(tmp_path, given) == expected


def test_a_demo_of_a_provider_without_a_simulator_is_a_problem(tmp_path: Path) -> None:
    """It is an invalid input, and not a bug."""
    foundation = lay_foundation(world(tmp_path, {"demo": "true"}))._replace(provider_name="described")
    with pytest.raises(InputError) as caught, make_ready(foundation):
        pass
    assert caught.value.problems == ("`demo`: there is no simulator of the provider described. Example: testsigma",)
