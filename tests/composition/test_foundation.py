"""The first stage of a step, which never fails."""

import io
from collections.abc import Mapping
from pathlib import Path

import pytest

from testgate.commands import load
from testgate.composition.foundation import Foundation, lay_foundation
from testgate.edges.signals import Signals
from testgate.edges.world import World
from testgate.inputs.options import CommonOptions

KEY = "foundation-key-0123456789"


def foundation(root: Path, environ: Mapping[str, str]) -> Foundation:
    """The foundation of a step in this environment."""
    return lay_foundation(World(environ, io.StringIO(), root, Signals()))


def test_an_empty_environment_has_the_defaults(tmp_path: Path) -> None:
    """Test management is not loaded."""
    found = foundation(tmp_path, {})
    assert (found.provider_name, found.management) == ("testsigma", None)
    assert found.provider is not None
    assert found.command is load("run")
    assert found.models == [CommonOptions, found.provider.options]
    assert found.step.platform.name == "plain"


@pytest.mark.parametrize(
    "environ",
    [
        {"INPUT_PROVIDER": "nobody", "INPUT_COMMAND": "explode", "INPUT_PLATFORM": "mars"},
        {"INPUT_PROVIDER": "\n", "INPUT_COMMAND": "\x1b[31m", "INPUT_LOG-LEVEL": "x" * 10_000},
        {"INPUT_API_KEY_FILE": "/no/such/file", "INPUT_API_KEY": KEY, "INPUT_DEMO": "maybe"},
        {"TESTGATE_API_KEY_COUNT": "x", "TESTGATE_API_KEY_0": KEY},
    ],
)
def test_invalid_inputs_are_no_reason_to_fail(tmp_path: Path, environ: Mapping[str, str]) -> None:
    """The step can log, and write reports about them."""
    found = foundation(tmp_path, environ)
    assert found.command is load("run")
    assert (found.provider is None) is (found.provider_name == "nobody")
    assert KEY not in found.step.redact(" ".join(environ.values()))


def test_secrets_are_hidden_before_inputs_are_valid(tmp_path: Path) -> None:
    """Those of any spelling, and those in lists."""
    environ = {"PLUGIN_API_KEY": KEY, "TESTGATE_RUNTIME_SECRETS_0": "password=pa55-phrase-zq", "INPUT_TIMEOUT": "x"}
    redact = foundation(tmp_path, environ).step.redact
    assert redact(f"{KEY} pa55-phrase-zq") == "*** ***"


@pytest.mark.parametrize(
    ("environ", "loaded"),
    [
        ({"INPUT_COMMAND": "create-test-run"}, True),
        ({"TESTGATE_TEST_RUN_TITLE": "Nightly"}, True),
        ({"INPUT_TEST-RUN-TITEL": "Nightly"}, True),
        ({"INPUT_WHATEVER": "x"}, False),
        ({"INPUT_TEST-PLAN-ID": "274"}, False),
    ],
)
def test_test_management_is_loaded_only_if_it_is_mentioned(
    tmp_path: Path, environ: Mapping[str, str], loaded: bool
) -> None:
    """The command needs it, or a variable resembles one of its inputs."""
    found = foundation(tmp_path, environ)
    assert (found.management is not None) is loaded
    if found.management is not None:
        assert found.models[-1] is found.management.options
